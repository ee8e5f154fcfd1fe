// Continues a text with a pretrained model, token by token, until it has 100 or Ctrl-C is pressed.
//   dotnet run --project samples/ContinueText -c Release -- openai-community/gpt2 "The meaning of life is"
using Importer.Generation;

if (args is not [var model, var prompt])
{
    Console.Error.WriteLine("usage: ContinueText MODEL PROMPT");
    return 2;
}

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancel.Cancel();
};

using var generator = await TextGenerator.FromPretrainedAsync(model, cancellationToken: cancel.Token);
Console.Write(prompt);
try
{
    var options = new GenerationOptions { MaxNewTokens = 100, Temperature = 0.8, TopK = 200 };
    await foreach (var part in generator.StreamAsync(prompt, options, cancellationToken: cancel.Token))
    {
        Console.Write(part.Text);
    }
}
catch (OperationCanceledException)
{
    Console.Write(" …");
}

Console.WriteLine();
return 0;
