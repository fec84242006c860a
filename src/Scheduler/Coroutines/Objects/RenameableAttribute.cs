namespace Kmaplab.Scheduler.Coroutines.Objects;

/// <summary>
/// Marks a struct whose one int is a number that can be exchanged for another one of its kind, so that a search that
/// does so finds it in locals.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
public class RenameableAttribute : Attribute;
