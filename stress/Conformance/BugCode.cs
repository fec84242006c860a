using System.Text.Json.Serialization;

namespace Kmaplab.Stress.Conformance;

/// <summary>Which check of the kernel's own failed.</summary>
public enum BugCode
{
    /// <summary>kunmap of a page without an address.</summary>
    [JsonStringEnumMemberName("kunmap:not_mapped")]
    KunmapNotMapped,

    /// <summary>kunmap took the counter to exactly 0.</summary>
    [JsonStringEnumMemberName("kunmap:count_zero")]
    KunmapCountZero,

    /// <summary>kunmap was called from interrupt context.</summary>
    [JsonStringEnumMemberName("kunmap:in_interrupt")]
    KunmapInInterrupt,

    /// <summary>kmap left a counter below 2.</summary>
    [JsonStringEnumMemberName("kmap:count_below_2")]
    KmapCountBelow2,

    /// <summary>The sweep met a counter of 1 over an empty entry.</summary>
    [JsonStringEnumMemberName("flush:empty_pte")]
    FlushEmptyPte,

    /// <summary>A record was asked for a low page.</summary>
    [JsonStringEnumMemberName("set_page_address:not_highmem")]
    SetPageAddressNotHighmem,

    /// <summary>No record was left.</summary>
    [JsonStringEnumMemberName("set_page_address:pool_empty")]
    SetPageAddressPoolEmpty,

    /// <summary>An atomic map found its entry in use.</summary>
    [JsonStringEnumMemberName("kmap_atomic:slot_busy")]
    KmapAtomicSlotBusy,

    /// <summary>An atomic unmap got an address that is not its type's on this CPU.</summary>
    [JsonStringEnumMemberName("kunmap_atomic:wrong_slot")]
    KunmapAtomicWrongSlot,

    /// <summary>An address above the last entry of the fixmap was looked up.</summary>
    [JsonStringEnumMemberName("kmap_atomic_to_page:out_of_range")]
    KmapAtomicToPageOutOfRange,
}
