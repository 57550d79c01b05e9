/* chance.c - can chance explain that one kernel shows an outcome and another never does? */
#include <math.h>

#include "chance.h"

/*
 * ln of (1-p)^m * P(Bin(n,p) >= k): the sum over i = k..n of
 * C(n,i) p^i (1-p)^(n-i+m), each term made of the one before, all as logarithms.
 */
static double log_both(unsigned int n, unsigned int k, unsigned int m, double p)
{
	double odds = log(p) - log1p(-p), term, sum;

	term = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
	       ((double)n - k + m) * log1p(-p);
	sum = term;
	for (unsigned int i = k; i < n; i++) {
		double step = log((double)(n - i) / (i + 1.0)) + odds, high, low;

		/* steps only fall: what is left of the sum is below the precision of a double */
		if (step < -0.01 && term < sum - 45)
			break;
		term += step;
		high = term > sum ? term : sum;
		low = term > sum ? sum : term;
		sum = high + log1p(exp(low - high));
	}
	return sum;
}

/*
 * Both factors are log-concave in p: ln(1-p) is concave, and P(Bin(n,p) >= k)
 * is the distribution function of Beta(k, n-k+1), whose density is log-concave
 * because both parameters are at least 1; a log-concave density has a
 * log-concave distribution function (Prekopa).  So there is one maximum, and
 * cutting the interval by thirds finds it.  It is not below k/(n+m), where the
 * first term alone has its maximum, for every later term has its own further
 * to the right.  At the maximum the function is flat: what p is off by counts
 * in second order only.
 */
double chance_log10(unsigned int n, unsigned int k, unsigned int m)
{
	double low, high = 1.0;

	if (!k || !m || k > n)
		return 0;
	low = k / ((double)n + m);
	while (high - low > 1e-9 * low) {
		double third = (high - low) / 3;

		if (log_both(n, k, m, low + third) < log_both(n, k, m, high - third))
			low += third;
		else
			high -= third;
	}
	return log_both(n, k, m, (low + high) / 2) / log(10.0);
}
