using SharedSource.Text;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// Looks once at every value of a file: containers must not contain themselves nor lie too deep, and a storage or a class must not be
/// where a value belongs. Without recursion, and in time proportional to the values, however often they are shared.
/// </summary>
internal static class ValueAudit
{
    private const string Remedy = "No real checkpoint is like this; do not use the file, and fetch it again from its source.";

    public static void Check(CheckpointValue root, CheckpointLimits limits, string? path)
    {
        Stack<(CheckpointValue Value, int Next)> open = [];
        Enter(root);
        while (open.TryPop(out (CheckpointValue Value, int Next) top))
        {
            if (top.Next < top.Value.ChildCount)
            {
                open.Push((top.Value, top.Next + 1));
                Enter(top.Value.Child(top.Next));
                continue;
            }

            int height = 0;
            for (int i = 0; i < top.Value.ChildCount; i++)
            {
                height = Math.Max(height, top.Value.Child(i).Height);
            }

            top.Value.Height = ++height;
            CheckDepth(height);
        }

        void Enter(CheckpointValue value)
        {
            switch (value)
            {
                case StorageValue:
                    throw new CheckpointFormatException(
                        CheckpointErrorKind.InvalidPickle, "A storage is saved without a tensor around it",
                        "Save tensors, not storages, with torch.save.", path, position: null);
                case GlobalValue global:
                    throw new ForbiddenGlobalException(
                        global.Name, $"The class or function {Escape.Quote(global.Name)} is saved as a value", Remedy, path, position: null);
            }

            if (value.ChildCount == 0 || value.Height > 0)
            {
                return;
            }

            if (value.Height < 0)
            {
                throw new CheckpointFormatException(
                    CheckpointErrorKind.Cycle, Invariant($"A {value.Kind} contains itself"), Remedy, path, position: null);
            }

            value.Height = -1;
            open.Push((value, 0));
            CheckDepth(open.Count);
        }

        void CheckDepth(int depth)
        {
            if (depth > limits.MaxDepth)
            {
                throw new CheckpointLimitException(
                    "The depth of containers in each other", nameof(CheckpointLimits.MaxDepth), depth, limits.MaxDepth, path, position: null);
            }
        }
    }
}
