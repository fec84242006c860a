namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>The registers and labels of one thread.</summary>
/// <param name="jumps">It has labels, so that what is written before is not what stands before.</param>
internal sealed class ThreadNames(bool jumps)
{
    private readonly NameTable _registers = new();
    private readonly HashSet<string> _written = [];
    private readonly List<(string Name, OraclePlace Place)> _reads = [];
    private readonly Dictionary<string, int> _labels = [];

    internal NameTable Registers => _registers;

    internal int Write(string register)
    {
        _written.Add(register);
        return _registers.IndexOf(register);
    }

    internal int Read(string register, OraclePlace place)
    {
        if (!jumps && !_written.Contains(register))
            throw place.Fail($"register '{register}' is read before it is written");

        _reads.Add((register, place));
        return _registers.IndexOf(register);
    }

    internal void Mark(string label, int at, OraclePlace place)
    {
        if (!_labels.TryAdd(label, at))
            throw place.Fail($"the label '{label}' is there twice");
    }

    internal int Find(string label, OraclePlace place) => _labels.TryGetValue(label, out int at)
        ? at
        : throw place.Fail($"there is no label '{label}' in this thread");

    /// <summary>Sees that each register that is read somewhere is written somewhere.</summary>
    internal void Check()
    {
        foreach ((string name, OraclePlace place) in _reads)
        {
            if (!_written.Contains(name))
                throw place.Fail($"register '{name}' is read and never written");
        }
    }
}
