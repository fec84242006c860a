using System.Globalization;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>Numbers that are long, with their digits in groups of three.</summary>
internal static class DigitGroups
{
    internal static string Of(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
