namespace Kmaplab.Scheduler.Verification.States;

/// <summary>Brings successors into the form in which a search keeps states, when it needs them in full.</summary>
internal interface ISuccessorForms
{
    /// <summary>
    /// Rewrites what a successor changes, which is written down as the transition left it, into what it changes in
    /// form.
    /// </summary>
    void WriteOut(Successor successor, Successors waiting);
}
