using System.Reflection;
using System.Reflection.Emit;
using Importer.Mapping;

namespace Importer.Tests.Mapping;

/// <summary>Mapping knows headers and configurations, and no torch: neither in its signatures nor inside its methods.</summary>
public sealed class TorchFreeTests
{
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => field.GetValue(null)).OfType<OpCode>().ToDictionary(code => code.Value);

    [Fact]
    public void No_type_of_torch_is_referenced()
    {
        HashSet<Type> referenced = [];
        foreach (Type type in typeof(WeightMapping).Assembly.GetTypes().Where(IsMapping))
        {
            Collect(type, referenced);
        }

        string[] assemblies = [.. referenced.Select(type => type.Assembly.GetName().Name!).Distinct().Order(StringComparer.Ordinal)];

        // What it does need shows that the scan sees signatures and method bodies.
        Assert.Contains("SafeTensorSharp", assemblies);
        Assert.Contains("System.Text.Json", assemblies);
        Assert.Contains("System.Security.Cryptography", assemblies);
        Assert.Contains(typeof(Importer.Sources.SourceTensor), referenced);
        Assert.DoesNotContain(assemblies, name => name.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(referenced, type => type.Assembly == typeof(WeightMapping).Assembly
            && !IsMapping(type) && type.Namespace is not (null or "Importer" or "Importer.Sources"));
    }

    private static bool IsMapping(Type type) => type.Namespace?.StartsWith("Importer.Mapping", StringComparison.Ordinal) == true;

    private static void Collect(Type type, HashSet<Type> referenced)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
            | BindingFlags.DeclaredOnly;
        Add(type.BaseType, referenced);
        foreach (FieldInfo field in type.GetFields(All))
        {
            Add(field.FieldType, referenced);
        }

        foreach (MethodBase method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
        {
            foreach (ParameterInfo parameter in method.GetParameters())
            {
                Add(parameter.ParameterType, referenced);
            }

            Add((method as MethodInfo)?.ReturnType, referenced);
            foreach (LocalVariableInfo local in method.GetMethodBody()?.LocalVariables ?? [])
            {
                Add(local.LocalType, referenced);
            }

            foreach (MemberInfo member in Members(method))
            {
                Add(member as Type ?? member.DeclaringType, referenced);
            }
        }
    }

    private static void Add(Type? type, HashSet<Type> referenced)
    {
        if (type is null || !referenced.Add(type))
        {
            return;
        }

        Add(type.HasElementType ? type.GetElementType() : null, referenced);
        foreach (Type argument in type.IsGenericType ? type.GetGenericArguments() : [])
        {
            Add(argument, referenced);
        }
    }

    /// <summary>The members that a method's instructions name.</summary>
    private static IEnumerable<MemberInfo> Members(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[] typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : [];
        Type[] methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
            {
                value = (short)(0xFE00 | code[at++]);
            }

            OpCode instruction = OpCodesByValue[value];
            if (instruction.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments)!;
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
