// Continues a text with a pretrained model, token by token, until it has 100 or Ctrl-C is pressed.
//   dotnet run --project samples/ContinueText -c Release -- openai-community/gpt2 "The meaning of life is"
using HuggingFace.Hub.Client;
using Importer;
using Importer.Generation;
using PretrainedTokenizers;
using PyTorchCheckpoints;
using SafeTensorSharp;

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

try
{
    using var generator = await TextGenerator.FromPretrainedAsync(model, cancellationToken: cancel.Token);
    var options = new GenerationOptions { MaxNewTokens = 100, Temperature = 0.8, TopK = 200 };
    Console.Write(prompt);
    await foreach (var part in generator.StreamAsync(prompt, options, cancellationToken: cancel.Token))
    {
        Console.Write(part.Text);
    }

    Console.WriteLine();
    return 0;
}
catch (OperationCanceledException)
{
    Console.WriteLine(" …");
    return 0;
}
catch (Exception e) when (e is PretrainedException or HubException or TokenizerException or SafeTensorException or CheckpointException
    or IOException or UnauthorizedAccessException or ArgumentException)
{
    // Every message says what is wrong, where, and what to do.
    Console.Error.WriteLine(e.Message);
    return 1;
}
