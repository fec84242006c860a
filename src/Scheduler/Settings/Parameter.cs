using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Settings;

/// <summary>
/// Something that a scenario can be told: its name, what it is for, which values make sense, and which one it has
/// unless told otherwise.
/// </summary>
/// <param name="Name">The name by which users set it: a-z, 0-9 and -.</param>
/// <param name="Summary">What it is, in a few words, for the help text.</param>
public abstract record Parameter(string Name, string Summary)
{
    /// <summary>The value unless told otherwise, as it is kept.</summary>
    public abstract string Default { get; }

    /// <summary>What a value looks like, for the help text: N, TEXT.</summary>
    public abstract string Form { get; }

    /// <summary>Which values there are, in words.</summary>
    public abstract string Range { get; }

    /// <summary>
    /// The value that somebody has written, in the one way in which experiments and schedules keep it.
    /// </summary>
    /// <exception cref="UsageException">It is no value of this kind at all.</exception>
    public abstract string Read(ParameterSetting given);

    /// <summary>Sees that a value is possible for <paramref name="taker"/>.</summary>
    /// <exception cref="UsageException">It is not; the message names the allowed range.</exception>
    public virtual void Check(ParameterSetting given, string taker) => Read(given);

    /// <summary>A value that is kept, as people write it.</summary>
    public virtual string Show(string kept) => kept;
}
