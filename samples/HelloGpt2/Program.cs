// Loads a GPT-2 model and says which token it expects next.
//   dotnet run --project samples/HelloGpt2 -c Release -- weights/tiny-gpt2 1 2 3
using System.Globalization;
using HuggingFace.Hub.Client;
using Importer;
using Importer.Models.Gpt;
using SafeTensorSharp;
using static TorchSharp.torch;

var tokens = new List<long>();
foreach (string arg in args.Skip(1))
{
    if (!long.TryParse(arg, NumberStyles.None, CultureInfo.InvariantCulture, out long token))
    {
        Console.Error.WriteLine($"'{arg}' is no token: a token is a whole number, such as 464.");
        return 2;
    }

    tokens.Add(token);
}

if (tokens.Count == 0)
{
    Console.Error.WriteLine("usage: HelloGpt2 DIRECTORY TOKEN...");
    return 2;
}

try
{
    using var model = GptModel.FromPretrained(args[0]);
    Console.WriteLine(model.LoadReport);
    if (tokens.Count > model.Config.BlockSize || tokens.Max() >= model.Config.VocabSize)
    {
        Console.Error.WriteLine($"The model takes 1 to {model.Config.BlockSize} tokens from 0 to {model.Config.VocabSize - 1}.");
        return 2;
    }

    using var scope = NewDisposeScope();
    using var mode = inference_mode();
    var ids = tensor(tokens.ToArray()).view(1, tokens.Count).to(model.parameters().First().device);
    var probabilities = model.call(ids).select(1, tokens.Count - 1).softmax(-1);
    var (values, indexes) = probabilities.topk(5);
    foreach (var (token, probability) in indexes.cpu().data<long>().Zip(values.to(float32).cpu().data<float>()))
    {
        Console.WriteLine(FormattableString.Invariant($"token {token,6}  {probability:P1}"));
    }

    return 0;
}
catch (Exception e) when (e is PretrainedException or HubException or SafeTensorException or IOException or UnauthorizedAccessException)
{
    // Every message says what is wrong, where, and what to do.
    Console.Error.WriteLine(e.Message);
    return 1;
}
