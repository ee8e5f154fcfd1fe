namespace PretrainedTokenizers;

/// <summary>An added token found in a text.</summary>
/// <param name="Token">The token.</param>
/// <param name="Start">Where it begins, with the white space before it that belongs to it.</param>
/// <param name="End">Where it ends, with the white space after it that belongs to it.</param>
/// <param name="SearchFrom">Where its own text ends, and the search for the next goes on.</param>
internal readonly record struct AddedTokenMatch(AddedToken Token, int Start, int End, int SearchFrom);
