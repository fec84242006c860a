using System.Threading;

namespace Kmaplab.Scheduler.Simulation;

/// <content>What another thread may see of this machine: whether code of a scenario runs on it.</content>
public sealed partial class Machine
{
    private long _calls;

    /// <summary>How often code of the scenario was called or has come back: odd while it runs.</summary>
    internal long Calls => Volatile.Read(ref _calls);

    /// <summary>Whose code runs, for people.</summary>
    internal string RunningCode => $"{NameOf(_current)} ({NameAtSpawn(_current)}) of {_image.Options.Name}";
}
