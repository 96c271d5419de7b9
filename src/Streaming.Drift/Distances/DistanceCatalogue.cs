namespace Streaming.Drift;

/// <summary>A distance with its options, ready to measure.</summary>
internal delegate DistanceResult Measure(PreparedReference reference, ReadOnlySpan<double> current);

/// <summary>All distances: what each says of itself, and how it is built from its options.</summary>
internal static class DistanceCatalogue
{
    private const string Share = "none";

    private static readonly DistanceOption<int> Bins = DistanceOption.Whole("bins", 10, 2, 1_000, "bins", "number of bins; not used with binning=distinct");

    private static readonly DistanceOption<Binning> Binning = DistanceOption.Choice(
        "binning", Drift.Binning.Quantile, "where bins are cut: at quantiles of the reference, in equal widths over both samples, or a bin for each value (categories written as numbers)");

    private static readonly DistanceOption<double> Floor = DistanceOption.Number(
        "floor", 1e-4, 0, 0.01, "share", "share that a bin has at least, so that its logarithm exists; 0 stands for the least normal number");

    private static readonly DistanceOption<Logarithm> Base = DistanceOption.Choice("base", Logarithm.E, "base of the logarithm");

    private static readonly DistanceOption<bool> Yates = DistanceOption.Truth("yates", false, "continuity correction where there are two bins");

    private static readonly DistanceOption<double> Above = DistanceOption.Number(
        "above", 0.5, double.MinValue, double.MaxValue, "of the values", "values above it are the ones whose share is compared");

    private static readonly DistanceOption<KolmogorovSmirnovMethod> KsMethod = DistanceOption.Choice(
        "method", KolmogorovSmirnovMethod.Auto, "law of the p-value; auto is exact up to 10,000 values in the larger sample, none computes no p-value");

    private static readonly DistanceOption<MannWhitneyMethod> RankMethod = DistanceOption.Choice(
        "method", MannWhitneyMethod.Auto, "law of the p-value; auto is exact for few values without ties");

    private static readonly DistanceOption<double> Bandwidth = DistanceOption.Number(
        "bandwidth", 0, 0, double.MaxValue, "of the values", "width s of the kernel exp(-d²/(2 s²)); 0 takes the median distance of the reference");

    private static readonly DistanceOption<int> Features = DistanceOption.Whole(
        "features", 0, 0, 65_536, "features", "random Fourier features in place of the exact kernel; 0 is exact, time grows with n²");

    private static readonly DistanceOption<int> Seed = DistanceOption.Whole("seed", 1, 0, int.MaxValue, "none", "seed of the random features");

    /// <summary>The distances in the order in which they are listed.</summary>
    public static IReadOnlyList<Entry> All { get; } = [.. Divergences(), .. OfOrder(), .. Tests()];

    private static Entry[] Divergences() =>
    [
        new("psi", "Σ (pᵢ − qᵢ) ln (pᵢ / qᵢ) over bins", "nats", "0 to ∞", "no p-value; about (k − 1)(1/n + 1/m) over k bins without drift, usual limits 0.1 and 0.25",
            "Kullback, Leibler 1951; Siddiqi 2006", [Bins.Declared, Binning.Declared, Floor.Declared],
            options => Over(options, static (p, q, bins) => Psi.OfSamples(p, q, bins), Floor)),
        new("kl", "Σ pᵢ ln (pᵢ / qᵢ) over bins, p the reference", "nats", "0 to ∞", "no p-value; about (k − 1)(1/n + 1/m) / 2 over k bins without drift",
            "Kullback, Leibler 1951, eq. 2.4", [Bins.Declared, Binning.Declared, Floor.Declared],
            options => Over(options, static (p, q, bins) => KullbackLeibler.OfSamples(p, q, bins), Floor)),
        new("js", "√(½ KL(p‖m) + ½ KL(q‖m)), m = (p + q)/2, over bins: the distance", "root of nats or bits", "0 to √ln 2 (base e) or 1 (base 2)", "no p-value; its square about (k − 1)(1/n + 1/m) / 8 nats over k bins without drift",
            "Lin 1991; Endres, Schindelin 2003", [Bins.Declared, Binning.Declared, Base.Declared],
            options =>
            {
                var b = Base.Read(options);
                return Over(options, (p, q, bins) => JensenShannon.OfSamples(p, q, bins, b));
            }),
        new("hellinger", "√(1 − Σ √(pᵢ qᵢ)) over bins", Share, "0 to 1", "no p-value; its square about (k − 1)(1/n + 1/m) / 8 over k bins without drift",
            "Hellinger 1909", [Bins.Declared, Binning.Declared], options => Over(options, Hellinger.OfSamples)),
        new("tv", "½ Σ |pᵢ − qᵢ| over bins: the share that moved", "share", "0 to 1", "no p-value; about Σ √(pᵢ(1 − pᵢ)(1/n + 1/m)/(2π)) without drift",
            "Gibbs, Su 2002, sec. 2", [Bins.Declared, Binning.Declared], options => Over(options, TotalVariation.OfSamples)),
        new("linf", "max |pᵢ − qᵢ| over bins or categories", "share", "0 to 1", "no p-value; each difference has standard error √(p(1 − p)(1/n + 1/m)) without drift",
            "Breck et al., MLSys 2019", [Bins.Declared, Binning.Declared], options => Over(options, LInfinity.OfSamples)),
    ];

    private static Entry[] OfOrder() =>
    [
        new("wasserstein", "∫ |F − G| dx: how far values moved on average", "of the values", "0 to ∞", "no p-value; about 1.29 √(1/n + 1/m) standard deviations without drift (normal values)",
            "Kantorovich 1942; Vallender 1974", [], static _ => Wasserstein.OfSamples),
        new("wasserstein-normed", "wasserstein in standard deviations of the reference", "standard deviations", "0 to ∞", "no p-value; about 1.29 √(1/n + 1/m) without drift (normal values)",
            "Kantorovich 1942; Vallender 1974", [], static _ => Wasserstein.NormedOfSamples),
        new("ks", "max |F − G|, with p-value", "share", "0 to 1", "p-value: exact (Hodges 1958) or asymptotic (Simard, L'Ecuyer 2011)", "Smirnov 1939", [KsMethod.Declared],
            static options =>
            {
                var method = KsMethod.Read(options);
                return (p, q) => KolmogorovSmirnov.OfSamples(p, q, method);
            }),
        new("kuiper", "max (F − G) + max (G − F), with p-value", "share", "0 to 1", "p-value: limit law with Stephens's correction (1970)", "Kuiper 1960", [], static _ => Kuiper.OfSamples),
        new("cvm", "n m / N² Σ (F − G)² over all N values, with p-value", "none", "0 to ∞", "p-value: limit law, mean and variance matched; mean about 1/6 without drift", "Anderson 1962", [], static _ => CramerVonMises.OfSamples),
        new("ad", "Anderson–Darling A² by midranks, with p-value", "none", "0 to ∞", "p-value: limit law, variance matched; mean 1 without drift", "Scholz, Stephens 1987, eq. 7", [], static _ => AndersonDarling.OfSamples),
        new("energy", "√(2 E|X − Y| − E|X − X′| − E|Y − Y′|)", "root of the values' unit", "0 to ∞", "no p-value; its square about 2 (1/n + 1/m) ∫ F (1 − F) dx without drift", "Székely, Rizzo 2013", [], static _ => EnergyDistance.OfSamples),
    ];

    private static Entry[] Tests() =>
    [
        new("chi2", "Σ (O − E)² / E over bins or categories, with p-value", "none", "0 to ∞", "p-value: chi-square limit, k − 1 degrees of freedom over k bins that are not empty", "Pearson 1900; Yates 1934",
            [Bins.Declared, Binning.Declared, Yates.Declared], options =>
            {
                var yates = Yates.Read(options);
                return Over(options, (p, q, bins) => ChiSquare.OfSamples(p, q, bins, yates));
            }),
        new("g", "2 Σ O ln (O / E) over bins or categories, with p-value", "none", "0 to ∞", "p-value: chi-square limit, k − 1 degrees of freedom over k bins that are not empty", "Wilks 1938", [Bins.Declared, Binning.Declared],
            options => Over(options, GTest.OfSamples)),
        new("fisher", "difference of two proportions (values above a bound), with exact p-value", "share", "−1 to 1", "p-value: exact, two-sided", "Fisher 1934", [Above.Declared],
            static options =>
            {
                var above = Above.Read(options);
                return (p, q) => FisherExact.OfSamples(p, q, above);
            }),
        new("z", "difference of two proportions in pooled standard errors, with p-value", "standard errors", "−∞ to ∞", "p-value: normal limit, two-sided", "Agresti 2013, sec. 3.2", [Above.Declared],
            static options =>
            {
                var above = Above.Read(options);
                return (p, q) => ZTest.OfSamples(p, q, above);
            }),
        new("mann-whitney", "share of pairs in which the current value is greater (U / (n m)), with p-value", "share", "0 to 1, 0.5 without drift", "p-value: exact for few values, else normal limit with ties and continuity", "Mann, Whitney 1947", [RankMethod.Declared],
            static options =>
            {
                var method = RankMethod.Read(options);
                return (p, q) => MannWhitney.OfSamples(p, q, method);
            }),
        new("mmd", "unbiased MMD² with a Gaussian kernel, of one column or of several together", "none", "about 0 without drift, at most 2", "p-value: upper bound exp(−t² r/8), r = ⌊min(n, m)/2⌋ (theorem 10), far too great for small effects", "Gretton et al. 2012, lemma 6",
            [Bandwidth.Declared, Features.Declared, Seed.Declared], static options =>
            {
                var chosen = OfMmd(options);
                return (p, q) => Mmd.OfSamples(p, q, chosen);
            }),
    ];

    /// <summary>The options of <c>mmd</c>.</summary>
    public static MmdOptions OfMmd(SpecOptions options) =>
        new() { Bandwidth = Bandwidth.Read(options), Features = Features.Read(options), Seed = Seed.Read(options) };

    private static Measure Over(
        SpecOptions options, Func<PreparedReference, ReadOnlySpan<double>, BinOptions?, DistanceResult> measure, DistanceOption<double>? floor = null)
    {
        var bins = new BinOptions { Bins = Bins.Read(options), Binning = Binning.Read(options) };
        bins = floor is null ? bins : bins with { Floor = floor.Read(options) };
        return (reference, current) => measure(reference, current, bins);
    }

    /// <summary>One distance.</summary>
    internal sealed record Entry(DistanceDeclaration Declaration, Func<SpecOptions, Measure> Build)
    {
        public Entry(
            string name, string measures, string unit, string range, string law, string source, IReadOnlyList<DistanceOption> options, Func<SpecOptions, Measure> build)
            : this(new(name, measures, unit, range, law, source, options), build)
        {
        }
    }
}
