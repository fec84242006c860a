using System.Text.Json.Serialization;
using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>
/// How the lines of a trace are read and written: nothing unknown, nothing twice, nothing missing, no null where none
/// is allowed. A member that may be absent is null in a record, and never null in a file.
/// </summary>
[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(LongConverter),
        typeof(BoolConverter),
        typeof(TextConverter),
        typeof(IntsConverter),
        typeof(UnsignedsConverter),
        typeof(ConditionsConverter),
        typeof(SlotCellsConverter),
        typeof(AddressCellsConverter),
        typeof(ProgramsConverter),
        typeof(AddressesConverter),
        typeof(BucketsConverter),
        typeof(EntriesConverter),
        typeof(WaitForConverter),
        typeof(TypesConverter),
    ])]
[JsonSerializable(typeof(TableHeaderLine))]
[JsonSerializable(typeof(AtomicHeaderLine))]
[JsonSerializable(typeof(StepLine))]
[JsonSerializable(typeof(AtomicStepLine))]
[JsonSerializable(typeof(EndLine))]
[JsonSerializable(typeof(WaiterLine))]
[JsonSerializable(typeof(HeldSlotLine))]
internal sealed partial class TraceJson : JsonSerializerContext;
