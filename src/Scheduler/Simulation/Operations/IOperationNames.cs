namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>What the operands of an operation are called on some machine, for people.</summary>
public interface IOperationNames
{
    /// <summary>The name of a word, lock or queue of kernel memory.</summary>
    string Word(int address);

    /// <summary>A value of the word at an address.</summary>
    string Value(int address, int value);

    /// <summary>The present value of the word at an address.</summary>
    string Present(int address);

    /// <summary>The virtual address of a place: a page of a mapped region, or a frame of low memory.</summary>
    string Place(int place);

    /// <summary>A value of the contents of a page frame.</summary>
    string Contents(int value);
}
