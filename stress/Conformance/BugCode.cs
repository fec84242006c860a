namespace Kmaplab.Stress.Conformance;

/// <summary>Which check of the kernel's own failed.</summary>
public enum BugCode
{
    /// <summary>kunmap of a page without an address.</summary>
    KunmapNotMapped,

    /// <summary>kunmap took the counter to exactly 0.</summary>
    KunmapCountZero,

    /// <summary>kunmap was called from interrupt context.</summary>
    KunmapInInterrupt,

    /// <summary>kmap left a counter below 2.</summary>
    KmapCountBelow2,

    /// <summary>The sweep met a counter of 1 over an empty entry.</summary>
    FlushEmptyPte,

    /// <summary>A record was asked for a low page.</summary>
    SetPageAddressNotHighmem,

    /// <summary>No record was left.</summary>
    SetPageAddressPoolEmpty,

    /// <summary>An atomic map found its entry in use.</summary>
    KmapAtomicSlotBusy,

    /// <summary>An atomic unmap got an address that is not its type's on this CPU.</summary>
    KunmapAtomicWrongSlot,

    /// <summary>An address above the last entry of the fixmap was looked up.</summary>
    KmapAtomicToPageOutOfRange,
}
