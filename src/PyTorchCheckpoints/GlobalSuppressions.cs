using System.Diagnostics.CodeAnalysis;

[assembly: SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The names are PyTorch's and Python's.")]
[assembly: SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix",
    Justification = "All values end in Value.", Scope = "type", Target = "~T:PyTorchCheckpoints.DictionaryValue")]
