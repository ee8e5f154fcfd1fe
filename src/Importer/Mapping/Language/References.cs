namespace Importer.Mapping.Language;

/// <summary>Whether the symbols that a table mentions are those that it defines.</summary>
internal static class References
{
    internal static bool AllResolve(MappingTable table, TableText text)
    {
        bool resolved = true;
        foreach (TemplateVariable variable in table.NamedVariables.Where(variable => variable.Bound is not null))
        {
            Check(variable.Bound, reason => text.Report($"index.{variable.Name}", reason));
        }

        foreach (MappingRule rule in table.Rules)
        {
            foreach (Expression expression in rule.Sizes.Concat(rule.Variables.Select(variable => variable.Bound).OfType<Expression>()))
            {
                Check(expression, reason => text.Report(rule.Offset, rule.Location.Path, reason));
            }

            Check(rule.When, reason => text.Report(rule.Offset, rule.Location.Path, reason));
        }

        foreach (TieRule tie in table.Ties)
        {
            Check(tie.When, reason => text.Report(tie.Offset, tie.Location.Path, reason));
        }

        return resolved;

        void Check(Expression? expression, Action<string> report)
        {
            if (expression is not null)
            {
                resolved &= Resolve(expression, table.Symbols.Contains, report);
            }
        }
    }

    /// <summary>Reports the symbols of an expression that are not defined.</summary>
    internal static bool Resolve(Expression expression, Func<string, bool> defined, Action<string> report)
    {
        List<Expression> unknown = [.. expression.Parts().Where(part => part.Kind == ExpressionKind.Symbol && !defined(part.Name))];
        foreach (Expression symbol in unknown)
        {
            report($"the symbol {NameText.Quote(symbol.Name)} is not defined in \"config\" (a symbol uses those above it)");
        }

        return unknown.Count == 0;
    }
}
