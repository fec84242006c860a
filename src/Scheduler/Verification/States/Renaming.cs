namespace Kmaplab.Scheduler.Verification.States;

/// <summary>What tasks, with their pages, are called instead.</summary>
/// <param name="Number">Its number, from 0 on without a gap.</param>
/// <param name="Tasks">The new number of each context.</param>
/// <param name="Pages">The new number of each page frame.</param>
/// <param name="PagesNumber">The number of what it does to these.</param>
/// <param name="Moves">The words that it moves: from, to, from, to ...</param>
internal sealed record Renaming(int Number, int[] Tasks, int[] Pages, int PagesNumber, int[] Moves);
