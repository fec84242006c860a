using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Reports.Documents;

/// <summary>kmaplab frontier --json.</summary>
internal sealed record FrontierReport(FrontierCell[] Cells, bool Agrees, bool Complete, string Picture);

/// <summary>kmaplab frontier --starvation --json.</summary>
internal sealed record StarvationReport(StarvationCell[] Cells, bool Complete);
