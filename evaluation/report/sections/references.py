"""The works that the report's sections name."""

from django.utils.translation import gettext as _

from evaluation.report.document import Section, Sentence

WORKS = (
    "Bang, H., Ni, L., & Davis, C. E. (2004). Assessment of blinding in clinical trials."
    " Controlled Clinical Trials, 25, 143–156.",
    "Bauer, D. F. (1972). Constructing confidence sets using rank statistics. Journal of the"
    " American Statistical Association, 67, 687–690.",
    "Brooke, J. (1996). SUS: a “quick and dirty” usability scale. In Usability Evaluation in"
    " Industry (pp. 189–194). Taylor & Francis.",
    "Brunner, E., & Munzel, U. (2000). The nonparametric Behrens–Fisher problem. Biometrical"
    " Journal, 42, 17–25.",
    "Cohen, J. (1968). Weighted kappa. Psychological Bulletin, 70, 213–220.",
    "Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika,"
    " 16, 297–334.",
    "Feldt, L. S. (1965). The approximate sampling distribution of Kuder–Richardson reliability"
    " coefficient twenty. Psychometrika, 30, 357–370.",
    "Guo, C., Pleiss, G., Sun, Y., & Weinberger, K. Q. (2017). On calibration of modern neural"
    " networks. Proceedings of the 34th International Conference on Machine Learning, PMLR 70,"
    " 1321–1330.",
    "Hart, S. G. (2006). NASA-Task Load Index (NASA-TLX); 20 years later. Proceedings of the Human"
    " Factors and Ergonomics Society Annual Meeting, 50, 904–908.",
    "Hodges, J. L., & Lehmann, E. L. (1963). Estimates of location based on rank tests. Annals of"
    " Mathematical Statistics, 34, 598–611.",
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal"
    " of Statistics, 6, 65–70.",
    "Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages. The American"
    " Statistician, 50, 361–365.",
    "James, K. E., et al. (1996). An index for assessing blindness in a multi-centre clinical"
    " trial. Statistics in Medicine, 15, 1421–1434.",
    "Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of"
    " Pennsylvania.",
    "Mann, H. B., & Whitney, D. R. (1947). On a test of whether one of two random variables is"
    " stochastically larger than the other. Annals of Mathematical Statistics, 18, 50–60.",
    "McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation"
    " coefficients. Psychological Methods, 1, 30–46.",
    "Newcombe, R. G. (2006). Confidence intervals for an effect size measure based on the"
    " Mann–Whitney statistic. Part 2. Statistics in Medicine, 25, 559–573.",
    "Noether, G. E. (1967). Wilcoxon confidence intervals for location parameters in the discrete"
    " case. Journal of the American Statistical Association, 62, 184–188.",
    "Pielou, E. C. (1966). The measurement of diversity in different types of biological"
    " collections. Journal of Theoretical Biology, 13, 131–144.",
    "Platt, J. C. (1999). Probabilistic outputs for support vector machines and comparisons to"
    " regularized likelihood methods. In Advances in Large Margin Classifiers (pp. 61–74). MIT"
    " Press.",
    "Rosenberger, W. F., & Lachin, J. M. (2016). Randomization in Clinical Trials: Theory and"
    " Practice (2nd ed.). Wiley.",
    "Sandler, M., Howard, A., Zhu, M., Zhmoginov, A., & Chen, L.-C. (2018). MobileNetV2: inverted"
    " residuals and linear bottlenecks. IEEE/CVF Conference on Computer Vision and Pattern"
    " Recognition, 4510–4520.",
    "Schrepp, M., Hinderks, A., & Thomaschewski, J. (2017). Design and evaluation of a short"
    " version of the User Experience Questionnaire (UEQ-S). International Journal of Interactive"
    " Multimedia and Artificial Intelligence, 4(6), 103–108.",
    "Schulz, K. F., Altman, D. G., & Moher, D. (2010). CONSORT 2010 statement. BMJ, 340, c332.",
    "Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater"
    " reliability. Psychological Bulletin, 86, 420–428.",
    "Streitberg, B., & Röhmel, J. (1986). Exact distributions for permutation and rank tests."
    " Statistical Software Newsletter, 12, 10–17.",
    "Vargha, A., & Delaney, H. D. (2000). A critique and improvement of the CL common language"
    " effect size statistics of McGraw and Wong. Journal of Educational and Behavioral Statistics,"
    " 25, 101–132.",
    "Zapf, A., et al. (2016). Measuring inter-rater reliability for nominal data. BMC Medical"
    " Research Methodology, 16, 93.",
)


def section() -> Section:
    return Section("references", _("References"), [Sentence(work) for work in WORKS])
