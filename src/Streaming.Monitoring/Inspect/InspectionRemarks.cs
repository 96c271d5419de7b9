namespace Streaming.Monitoring;

/// <summary>What someone who maps records should know and a mapping alone does not say.</summary>
internal static class InspectionRemarks
{
    private const double Most = 0.9;
    private const int MostMixed = 10;

    public static IEnumerable<string> Of(JsonShape shape, MappingGuess guess, bool isCloudEventBinary)
    {
        if (shape.Objects == 0)
        {
            yield return "no value is a JSON object, and driftd reads no other format: publish JSON, or convert with a Kafka Connect or Streams job of your own";
            yield break;
        }

        if (guess.IsLabels)
        {
            yield return "looks like labels: name it in labels, predictions=labels, beside the topic of its predictions";
        }
        else if (!guess.Found.ContainsKey(EventField.Features))
        {
            yield return guess.Found.ContainsKey(EventField.Prediction)
                ? "no features were found: only the prediction would be watched" : "neither features nor a prediction was found: every record would be a dead letter";
            foreach (var remark in WithoutFeatures(shape, guess))
            {
                yield return remark;
            }
        }

        foreach (var remark in Times(shape, guess).Concat(Mixed(guess)))
        {
            yield return remark;
        }

        if (guess.Moved.ContainsKey(EventField.Id))
        {
            yield return "/id is not another one in each record, so it is no id: labels of a labels topic could not be joined";
        }

        if (isCloudEventBinary)
        {
            yield return "driftd reads the value alone: id and time of a binary CloudEvent are in headers and are not seen; the Kafka timestamp is taken";
        }
    }

    private static IEnumerable<string> WithoutFeatures(JsonShape shape, MappingGuess guess)
    {
        foreach (var key in shape.Keys.Where(static key => RoleNames.Rank(EventField.Features, key) is not null))
        {
            if (key.Arrays > 0)
            {
                yield return $"{key.Pointer} holds arrays: features must be an object of name → number, text or boolean";
            }
            else if (key.Children.Find(static child => child.Objects + child.Arrays > 0) is { } nested)
            {
                yield return $"{key.Pointer} holds more than numbers, texts and booleans ({nested.Pointer}): features must be an object of these alone";
            }
        }

        var beside = shape.Keys.Count(key => key.Scalars > 0 && key.Depth <= 2 && !guess.Found.Values.Contains(key) && !RoleNames.PlaysARole(key));
        if (beside > 0)
        {
            yield return $"{beside} keys stand beside the fields of the event: features must stand in an object of their own to be watched";
        }
    }

    private static IEnumerable<string> Times(JsonShape shape, MappingGuess guess)
    {
        if (guess.Found.ContainsKey(EventField.Time))
        {
            yield break;
        }

        foreach (var key in shape.Keys.Where(static key => RoleNames.Rank(EventField.Time, key) is not null && key.Scalars > 0))
        {
            yield return key.Seconds >= Most * key.Filled
                ? $"{key.Pointer} looks like seconds since 1970; a time is RFC 3339 with its offset, or milliseconds since 1970: the Kafka timestamp is taken"
                : $"{key.Pointer} is no time that can be read (RFC 3339 with its offset, or milliseconds since 1970): the Kafka timestamp is taken";
        }
    }

    private static IEnumerable<string> Mixed(MappingGuess guess)
    {
        if (!guess.Found.TryGetValue(EventField.Features, out var features))
        {
            yield break;
        }

        foreach (var key in features.Children.Where(static key => key.Numbers > 0 && key.Texts + key.Truths > 0).Take(MostMixed))
        {
            yield return $"{key.Pointer} is a number in {key.Numbers} records and something else in {key.Texts + key.Truths}: what differs from the first becomes a dead letter";
        }
    }
}
