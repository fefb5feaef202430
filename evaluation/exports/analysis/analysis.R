# The numbers of the results page, computed again from the files of this export alone, in base R.
# Run: Rscript analysis.R      one line per criterion and measure, as analysis.py prints them
#
# Effects are treatment minus control. The unit of analysis is the participant: the mean over their raters.

# <settings>

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
if (is.na(here)) here <- "."
read_table <- function(path) {
  read.csv(file.path(here, path), check.names = FALSE, stringsAsFactors = FALSE, na.strings = "",
           encoding = "UTF-8")
}

# Exact two-sided p of the rank sum, conditional on the values and their ties: P(|W - EW| >= |w - EW|).
exact_p <- function(x, y) {
  doubled <- round(2 * rank(c(x, y)))
  if (length(unique(doubled)) == 1) return(NA)
  steps <- doubled - min(doubled)
  divisor <- Reduce(function(a, b) { while (b) { rest <- a %% b; a <- b; b <- rest }; a }, steps)
  steps <- steps / divisor
  group <- if (length(x) <= length(y)) steps[seq_along(x)] else steps[-seq_along(x)]
  number <- length(steps); chosen <- length(group)
  largest <- sum(sort(steps, decreasing = TRUE)[seq_len(chosen)])
  if ((chosen + 1) * (largest + 1) * number / 3 > 5e8) {
    return(wilcox.test(x, y, exact = FALSE, correct = TRUE)$p.value)
  }
  ways <- matrix(0, chosen + 1, largest + 1) # [how many chosen + 1, their sum + 1]
  ways[1, 1] <- 1
  for (step in steps) for (size in chosen:1) {
    to <- (step + 1):(largest + 1)
    ways[size + 1, to] <- ways[size + 1, to] + ways[size, seq_len(largest + 1 - step)]
  }
  distance <- abs(number * (0:largest) - chosen * sum(steps))
  observed <- abs(number * sum(group) - chosen * sum(steps))
  min(1, sum(ways[chosen + 1, distance >= observed]) / sum(ways[chosen + 1, ]))
}

rank_sum <- function(x, y) {
  m <- length(x); n <- length(y)
  if (m == 0 || n == 0) {
    return(c(n_treatment = m, n_control = n, u = NA, p = NA, a = NA, cliffs_delta = NA))
  }
  u <- sum(rank(c(x, y))[seq_len(m)]) - m * (m + 1) / 2
  a <- u / (m * n)
  c(n_treatment = m, n_control = n, u = u, p = exact_p(x, y), a = a, cliffs_delta = 2 * a - 1)
}

# 95 % interval of A: Newcombe (2006), method 5.
interval_of_a <- function(x, y) {
  m <- length(x); n <- length(y)
  if (m == 0 || n == 0 || length(unique(c(x, y))) == 1) return(c(a_low = NA, a_high = NA))
  a <- mean(outer(x, y, ">") + outer(x, y, "==") / 2)
  reach <- function(at) {
    spread <- 1 + ((m + n) / 2 - 1) * ((1 - at) / (2 - at) + at / (1 + at))
    qnorm(0.975) * sqrt(at * (1 - at) / (m * n) * spread)
  }
  root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-15, maxiter = 10000)$root
  c(a_low = if (a == 0) 0 else root(function(at) a - at - reach(at), 0, min(a, 1 - 1e-9)),
    a_high = if (a == 1) 1 else root(function(at) at - a - reach(at), max(a, 1e-9), 1))
}

pooled <- function(x, y) {
  if (length(x) == 0 || length(y) == 0) return(c(pooled_u = NA, pooled_p = NA))
  found <- suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = TRUE))
  p <- if (length(unique(c(x, y))) == 1) NA else found$p.value
  c(pooled_u = unname(found$statistic), pooled_p = p)
}

# Krippendorff's alpha from the matrix of coincidences; scores: participants x raters.
alpha <- function(scores, metric) {
  units <- lapply(seq_len(nrow(scores)), function(i) { row <- scores[i, ]; row[!is.na(row)] })
  units <- units[lengths(units) >= 2]
  values <- sort(unique(unlist(units)))
  if (length(values) < 2) return(NA)
  coincidences <- matrix(0, length(values), length(values))
  for (unit in units) {
    counts <- as.vector(table(factor(unit, levels = values)))
    coincidences <- coincidences + (outer(counts, counts) - diag(counts, length(counts))) / (length(unit) - 1)
  }
  totals <- colSums(coincidences)
  at <- if (metric == "ordinal") cumsum(totals) - totals / 2 else values
  distance <- if (metric == "nominal") 1 - diag(length(values)) else outer(at, at, "-")^2
  expected <- sum(outer(totals, totals) * distance) / (sum(totals) - 1)
  1 - sum(coincidences * distance) / expected
}

# Shrout and Fleiss's six forms, of the participants whom every rater scored.
icc <- function(scores) {
  complete <- scores[stats::complete.cases(scores), , drop = FALSE]
  n <- nrow(complete); k <- ncol(complete)
  forms <- c("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
  if (n < 2 || k < 2) return(setNames(rep(NA_real_, 6), forms))
  grand <- mean(complete)
  between <- k * sum((rowMeans(complete) - grand)^2) / (n - 1)
  raters <- n * sum((colMeans(complete) - grand)^2) / (k - 1)
  total <- sum((complete - grand)^2)
  within <- (total - between * (n - 1)) / (n * (k - 1))
  error <- (total - between * (n - 1) - raters * (k - 1)) / ((n - 1) * (k - 1))
  extra <- k * (raters - error) / n
  ratio <- function(above, below) if (below > 1e-12 * max(total, 1e-12)) above / below else NA
  setNames(c(ratio(between - within, between + (k - 1) * within),
             ratio(between - error, between + (k - 1) * error + extra),
             ratio(between - error, between + (k - 1) * error),
             ratio(between - within, between),
             ratio(between - error, between + extra / k),
             ratio(between - error, between)), forms)
}

compared <- function(x, y) {
  shift <- if (length(x) && length(y)) median(outer(x, y, "-")) else NA
  c(rank_sum(x, y), p_holm = NA, interval_of_a(x, y), hodges_lehmann = shift)
}

criterion <- function(rows) {
  means <- tapply(rows$score, rows$participant, mean)
  group <- tapply(rows$condition, rows$participant, function(one) one[1])
  x <- as.vector(means[group == treatment]); y <- as.vector(means[group == control])
  of <- function(condition) rows$score[rows$condition == condition]
  scores <- tapply(rows$score, list(rows$participant, rows$rater), mean)
  agreement <- sapply(c("nominal", "ordinal", "interval"), function(metric) alpha(scores, metric))
  c(compared(x, y), pooled(of(treatment), of(control)), setNames(agreement, paste0("alpha_", names(agreement))), icc(scores))
}

say <- function(name, measures) {
  for (measure in names(measures)) {
    value <- measures[[measure]]
    cat(name, "\t", measure, "\t", if (is.na(value)) "NA" else sprintf("%.12g", value), "\n", sep = "")
  }
}

# Says what was found, with Holm's p over the family.
say_family <- function(names, found) {
  p <- vapply(found, function(one) unname(one["p"]), 0)
  adjusted <- p.adjust(p, "holm", n = max(1, sum(!is.na(p))))
  for (i in seq_along(names)) {
    found[[i]]["p_holm"] <- adjusted[i]
    say(names[[i]], found[[i]])
  }
}

scores <- read_table(outcomes_file)
scores <- scores[scores$condition %in% c(treatment, control), ]
wide <- read_table(wide_file)
wide <- wide[wide$analysed %in% c("true", TRUE), ]
for (family in families) {
  say_family(family, lapply(family, function(one) criterion(scores[scores$criterion == one, ])))
}
say_family(scales, lapply(scales, function(column) {
  values <- suppressWarnings(as.numeric(wide[[column]]))
  of <- function(condition) values[wide$condition %in% condition & !is.na(values)]
  compared(of(treatment), of(control))
}))
