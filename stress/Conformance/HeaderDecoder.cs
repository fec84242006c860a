namespace Kmaplab.Stress.Conformance;

/// <summary>Reads a trace's first line.</summary>
internal static class HeaderDecoder
{
    private static readonly FieldNames s_names = new("config", "state");

    public static TraceConfig Decode(ref JsonLine json, out StepDecoder? steps, out AtomicDecoder? atomic)
    {
        steps = null;
        atomic = null;
        TraceConfig? config = null;
        SeenFields seen = default;

        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
        {
            if (field == 0)
                config = new ConfigDecoder().Decode(ref json);
            else if (config is null)
                throw json.Fail("field 'config' must come before 'state'");
            else if (config.Atomic is AtomicConfig)
                atomic = new AtomicDecoder(config, ref json);
            else
                steps = new StepDecoder(config, ref json);
        }

        json.Require(s_names, seen, s_names.Set("config", "state"), 0, "the first line");
        return config!;
    }
}
