namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>Pairs of words from the documentation of .NET, rated by hand for how much they mean the same: 0 nothing in common, 10 the same.</summary>
internal static class WordPairs
{
    public static IReadOnlyList<(string First, string Second, double Rating)> All { get; } =
    [
        ("begin", "start", 9.5), ("end", "finish", 9), ("error", "failure", 8.5), ("delete", "remove", 9.5), ("create", "make", 8.5), ("big", "large", 9.5),
        ("minimum", "smallest", 9), ("maximum", "largest", 9), ("array", "list", 7.5), ("key", "password", 5), ("text", "string", 8.5),
        ("letter", "character", 8.5),
        ("number", "integer", 8), ("directory", "folder", 9.5), ("file", "directory", 6.5), ("read", "write", 6), ("input", "output", 5.5),
        ("left", "right", 5.5),
        ("first", "last", 5.5), ("open", "close", 5.5), ("add", "remove", 5), ("true", "false", 5), ("server", "client", 6), ("request", "response", 6.5),
        ("image", "picture", 9.5), ("color", "blue", 7), ("red", "green", 7), ("day", "month", 7.5), ("year", "month", 7.5), ("hour", "minute", 8),
        ("time", "date", 7.5), ("cancel", "abort", 9), ("wait", "sleep", 7.5), ("thread", "task", 7), ("process", "thread", 6.5), ("lock", "mutex", 8),
        ("encrypt", "decrypt", 6.5), ("encode", "encrypt", 6), ("certificate", "signature", 7), ("hash", "digest", 8), ("socket", "port", 6.5),
        ("network", "connection", 7),
        ("width", "height", 7), ("size", "length", 8), ("horizontal", "vertical", 6.5), ("up", "down", 5.5), ("window", "form", 6.5), ("button", "menu", 6),
        ("mouse", "keyboard", 6.5), ("font", "text", 5.5), ("page", "document", 7), ("print", "printer", 8), ("table", "row", 6.5), ("column", "row", 7),
        ("database", "table", 6.5), ("query", "search", 7.5), ("find", "search", 9), ("sort", "order", 8), ("copy", "clone", 9), ("convert", "transform", 8.5),
        ("parse", "format", 5), ("class", "type", 7.5), ("method", "function", 9), ("method", "property", 6), ("field", "property", 7),
        ("argument", "parameter", 9),
        ("exception", "error", 8.5), ("throw", "catch", 5.5), ("user", "person", 7.5), ("name", "identifier", 8), ("value", "key", 5), ("empty", "null", 6.5),
        ("equal", "same", 9), ("greater", "less", 5.5), ("multiply", "divide", 6), ("sum", "total", 9), ("angle", "sine", 6.5), ("vector", "matrix", 7.5),
        ("sound", "audio", 9.5), ("video", "audio", 6.5), ("mail", "message", 7), ("web", "http", 7.5), ("xml", "json", 7), ("schema", "xml", 6),
        ("image", "thread", 0.5), ("month", "socket", 0.5), ("mouse", "encrypt", 0.5), ("folder", "sine", 0.5), ("audio", "column", 1),
        ("password", "height", 0.5),
        ("button", "hash", 0.5), ("year", "mutex", 0.5), ("green", "query", 0.5), ("printer", "integer", 1), ("certificate", "left", 0.5),
        ("font", "socket", 0.5),
        ("keyboard", "matrix", 1), ("blue", "exception", 0.5), ("sleep", "table", 0.5), ("json", "minute", 0.5), ("mail", "multiply", 0.5),
        ("digest", "window", 0.5),
        ("vertical", "password", 0.5), ("divide", "folder", 0.5), ("picture", "certificate", 1), ("thread", "angle", 0.5), ("video", "parameter", 1),
        ("menu", "sum", 1),
    ];
}
