// Loads a GPT-2 model and says which token it expects next.
//   dotnet run --project samples/HelloGpt2 -c Release -- weights/tiny-gpt2 1 2 3
using System.Globalization;
using Importer.Models.Gpt;
using static TorchSharp.torch;

if (args is not [var directory, _, ..])
{
    Console.Error.WriteLine("usage: HelloGpt2 DIRECTORY TOKEN...");
    return 2;
}

long[] tokens = [.. args.Skip(1).Select(token => long.Parse(token, CultureInfo.InvariantCulture))];
using var model = GptModel.FromPretrained(directory);
Console.WriteLine(model.LoadReport);

using var scope = NewDisposeScope();
using var mode = inference_mode();
var ids = tensor(tokens).view(1, tokens.Length).to(model.parameters().First().device);
var probabilities = model.call(ids).select(1, tokens.Length - 1).softmax(-1);
var (values, indexes) = probabilities.topk(5);
foreach (var (token, probability) in indexes.cpu().data<long>().Zip(values.to(float32).cpu().data<float>()))
{
    Console.WriteLine(FormattableString.Invariant($"token {token,6}  {probability:P1}"));
}

return 0;
