using System.ComponentModel.DataAnnotations;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Streaming.Host;

/// <summary>Reads <c>driftd.yaml</c> into flat keys, each with its line.</summary>
internal static class YamlFile
{
    private const int LargestFile = 1 << 20;
    private const int DeepestKey = 6;
    private const int MostKeys = 2_000;

    /// <summary>The values of a file.</summary>
    /// <exception cref="ValidationException">It is not there, or not YAML.</exception>
    public static Layer Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new ValidationException($"--config {file}: no such file");
        }

        if (new FileInfo(file).Length > LargestFile)
        {
            throw new ValidationException($"{file}: is larger than 1 MiB");
        }

        return Parse(File.ReadAllText(file), Path.GetFileName(file));
    }

    /// <summary>The values of a text.</summary>
    /// <exception cref="ValidationException">It is not YAML, or not a mapping of keys.</exception>
    public static Layer Parse(string text, string name)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new ValidationException($"{name}:{exception.Start.Line}: is not valid YAML: {Reason(exception)}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // what the parser throws where a bracket is not closed
            throw new ValidationException($"{name}: is not valid YAML: a list or mapping does not end", exception);
        }

        var layer = new Layer();
        if (yaml.Documents.Count == 0)
        {
            return layer;
        }

        if (yaml.Documents.Count > 1 || yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new ValidationException($"{name}: must hold one mapping of keys to values");
        }

        Flatten(root, "", name, layer, 1);
        return layer;
    }

    /// <summary>A text as a value on one line: quoted where YAML would read it otherwise.</summary>
    public static string Scalar(string text)
    {
        if (text.Any(Printable.IsUnsafe))
        {
            return "\"" + string.Concat(text.Select(static c => Printable.IsUnsafe(c) ? $"\\u{(int)c:x4}" : c is '"' or '\\' ? "\\" + c : c.ToString())) + "\"";
        }

        var isPlain = text.Length > 0 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '/') && text[^1] != ':' && text is not "null"
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or ',' or '+');
        return isPlain ? text : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
    }

    private static void Flatten(YamlMappingNode mapping, string prefix, string name, Layer layer, int depth)
    {
        foreach (var (keyNode, value) in mapping.Children)
        {
            var place = $"{name}:{keyNode.Start.Line}";
            var key = prefix + (keyNode as YamlScalarNode)?.Value;
            switch (value)
            {
                case YamlMappingNode child when depth < DeepestKey && layer.Keys.Count < MostKeys:
                    Flatten(child, key + ".", name, layer, depth + 1);
                    break;
                case YamlScalarNode scalar when IsNothing(scalar):
                    break;
                case YamlScalarNode scalar:
                    layer.Add(key, scalar.Value ?? "", place);
                    break;
                case YamlSequenceNode sequence when sequence.All(static item => item is YamlScalarNode):
                    layer.Add(key, string.Join(',', sequence.Select(static item => ((YamlScalarNode)item).Value)), place);
                    break;
                default:
                    layer.Problems.Add($"{place}: {key}: must be a value or a list of values");
                    break;
            }
        }
    }

    // a key with nothing behind it is a key not set
    private static bool IsNothing(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    // the parser puts its position before the reason; the line is said already
    private static string Reason(YamlException exception)
    {
        var reason = (exception.InnerException ?? exception).Message;
        var end = reason.IndexOf("): ", StringComparison.Ordinal);
        return reason.StartsWith('(') && end > 0 ? reason[(end + 3)..] : reason;
    }
}
