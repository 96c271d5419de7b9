namespace Streaming.Monitoring;

/// <summary>Why a record became a dead letter.</summary>
internal enum RejectReason : byte
{
    None,
    NullValue,
    TooBig,
    BadUtf8,
    BrokenJson,
    TooDeep,
    WrongType,
    NonFinite,
    NothingToWatch,
    BadPane,
    BadCommand,
}

internal static class RejectReasons
{
    /// <summary>The reason as it stands in headers and metrics.</summary>
    public static string Text(this RejectReason reason) => reason switch
    {
        RejectReason.NullValue => "null_value",
        RejectReason.TooBig => "too_big",
        RejectReason.BadUtf8 => "bad_utf8",
        RejectReason.BrokenJson => "broken_json",
        RejectReason.TooDeep => "too_deep",
        RejectReason.WrongType => "wrong_type",
        RejectReason.NonFinite => "non_finite",
        RejectReason.NothingToWatch => "neither_features_nor_prediction",
        RejectReason.BadPane => "bad_pane",
        RejectReason.BadCommand => "bad_command",
        _ => "none",
    };
}
