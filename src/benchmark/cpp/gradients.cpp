// Objectives of GradBench with their gradients, differentiated by hand: what a numerical program in C++ would do.
#include <algorithm>
#include <cmath>
#include <vector>

using std::vector;

extern "C" {

// log(sum(exp(x))): out[0] is the value, the rest its gradient.
void lse(int n, const double* x, double* out) {
  double largest = *std::max_element(x, x + n);
  double sum = 0;
  for (int i = 0; i < n; i++) {
    out[1 + i] = std::exp(x[i] - largest);
    sum += out[1 + i];
  }
  for (int i = 0; i < n; i++) out[1 + i] /= sum;
  out[0] = largest + std::log(sum);
}

// k-means: gradient by diagonal Hessian of the sum of squared distances of points [n, d] to the nearest of centers [k, d].
void kmeans(int n, int k, int d, const double* points, const double* centers, double* direction) {
  vector<double> count(k);
  std::fill(direction, direction + k * d, 0);
  for (int i = 0; i < n; i++) {
    const double* p = points + i * d;
    int nearest = 0;
    double least = INFINITY;
    for (int j = 0; j < k; j++) {
      const double* c = centers + j * d;
      double distance = 0;
      for (int a = 0; a < d; a++) distance += (p[a] - c[a]) * (p[a] - c[a]);
      if (distance < least) {
        least = distance;
        nearest = j;
      }
    }
    count[nearest] += 2;
    for (int a = 0; a < d; a++) direction[nearest * d + a] += 2 * (centers[nearest * d + a] - p[a]);
  }
  for (int j = 0; j < k; j++)
    for (int a = 0; a < d; a++) direction[j * d + a] /= count[j];
}

static void slope(int n, const double* x, const double* y, double* z) {
  z[0] = x[0];
  for (int i = 1; i < n; i++) z[i] = x[i] * y[i - 1];
}

// Adds the pullback of z_bar through slope to x_bar, and writes that by y to y_bar.
static void slope_back(int n, const double* x, const double* y, const double* z_bar, double* x_bar, double* y_bar) {
  x_bar[0] += z_bar[0];
  for (int i = 1; i < n; i++) {
    x_bar[i] += z_bar[i] * y[i - 1];
    y_bar[i - 1] = z_bar[i] * x[i];
  }
  y_bar[n - 1] = 0;
}

// The sum of y(2), where y(0) = 0, y_0' = x_0 and y_i' = x_i y_{i-1}, by the classical Runge-Kutta method: out[0] is the value, the rest
// its gradient by x.
void ode(int n, int steps, const double* x, double* out) {
  double h = 2.0 / steps;
  // What each step begins with, and the arguments of its second to fourth slope.
  vector<vector<double>> at(4 * steps, vector<double>(n));
  vector<double> y(n), k1(n), k2(n), k3(n), k4(n);
  for (int s = 0; s < steps; s++) {
    vector<double>*v = &at[4 * s];
    v[0] = y;
    slope(n, x, v[0].data(), k1.data());
    for (int i = 0; i < n; i++) v[1][i] = y[i] + h / 2 * k1[i];
    slope(n, x, v[1].data(), k2.data());
    for (int i = 0; i < n; i++) v[2][i] = y[i] + h / 2 * k2[i];
    slope(n, x, v[2].data(), k3.data());
    for (int i = 0; i < n; i++) v[3][i] = y[i] + h * k3[i];
    slope(n, x, v[3].data(), k4.data());
    for (int i = 0; i < n; i++) y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  out[0] = 0;
  for (int i = 0; i < n; i++) out[0] += y[i];
  double* x_bar = out + 1;
  std::fill(x_bar, x_bar + n, 0);
  vector<double> y_bar(n, 1), k_bar(n), v_bar(n);
  for (int s = steps - 1; s >= 0; s--) {
    vector<double>*v = &at[4 * s];
    vector<double> sum = y_bar;
    for (int i = 0; i < n; i++) k_bar[i] = h / 6 * y_bar[i];
    slope_back(n, x, v[3].data(), k_bar.data(), x_bar, v_bar.data());
    for (int i = 0; i < n; i++) sum[i] += v_bar[i], k_bar[i] = h / 3 * y_bar[i] + h * v_bar[i];
    slope_back(n, x, v[2].data(), k_bar.data(), x_bar, v_bar.data());
    for (int i = 0; i < n; i++) sum[i] += v_bar[i], k_bar[i] = h / 3 * y_bar[i] + h / 2 * v_bar[i];
    slope_back(n, x, v[1].data(), k_bar.data(), x_bar, v_bar.data());
    for (int i = 0; i < n; i++) sum[i] += v_bar[i], k_bar[i] = h / 6 * y_bar[i] + h / 2 * v_bar[i];
    slope_back(n, x, v[0].data(), k_bar.data(), x_bar, v_bar.data());
    for (int i = 0; i < n; i++) y_bar[i] = sum[i] + v_bar[i];
  }
}

// The log posterior of a mixture of Gaussians, without its constants: out[0] is the value, behind it stand the gradients by alpha [k],
// mu [k, d], q [k, d] and l [k, d (d - 1) / 2], the strict lower triangle by columns.
void gmm(int n, int k, int d, const double* alpha, const double* mu, const double* q, const double* l, const double* x, double* out) {
  int e = d * (d - 1) / 2;
  double *alpha_bar = out + 1, *mu_bar = alpha_bar + k, *q_bar = mu_bar + k * d, *l_bar = q_bar + k * d;
  std::fill(out, out + 1 + k + 2 * k * d + k * e, 0);
  vector<double> diagonal(k * d), trace(k), beta(k), residual(k * d), product(k * d), back(d);
  for (int j = 0; j < k; j++)
    for (int a = 0; a < d; a++) {
      diagonal[j * d + a] = std::exp(q[j * d + a]);
      trace[j] += q[j * d + a];
    }
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < k; j++) {
      double* r = &residual[j * d];
      double* p = &product[j * d];
      for (int a = 0; a < d; a++) {
        r[a] = x[i * d + a] - mu[j * d + a];
        p[a] = diagonal[j * d + a] * r[a];
      }
      const double* column = l + j * e;
      for (int a = 0; a < d; a++) {
        for (int b = a + 1; b < d; b++) p[b] += column[b - a - 1] * r[a];
        column += d - a - 1;
      }
      double norm = 0;
      for (int a = 0; a < d; a++) norm += p[a] * p[a];
      beta[j] = alpha[j] + trace[j] - norm / 2;
    }
    double largest = *std::max_element(beta.begin(), beta.end());
    double sum = 0;
    for (int j = 0; j < k; j++) sum += beta[j] = std::exp(beta[j] - largest);
    out[0] += largest + std::log(sum);
    for (int j = 0; j < k; j++) {
      double weight = beta[j] / sum;
      const double* r = &residual[j * d];
      const double* p = &product[j * d];
      alpha_bar[j] += weight;
      const double* column = l + j * e;
      double* column_bar = l_bar + j * e;
      for (int a = 0; a < d; a++) {
        back[a] = diagonal[j * d + a] * p[a];
        q_bar[j * d + a] += weight * (1 - p[a] * r[a] * diagonal[j * d + a]);
        for (int b = a + 1; b < d; b++) {
          back[a] += column[b - a - 1] * p[b];
          column_bar[b - a - 1] -= weight * p[b] * r[a];
        }
        column += d - a - 1;
        column_bar += d - a - 1;
        mu_bar[j * d + a] += weight * back[a];
      }
    }
  }
  double largest = *std::max_element(alpha, alpha + k);
  double sum = 0;
  for (int j = 0; j < k; j++) sum += std::exp(alpha[j] - largest);
  out[0] -= n * (largest + std::log(sum));
  for (int j = 0; j < k; j++) alpha_bar[j] -= n * std::exp(alpha[j] - largest) / sum;
  for (int j = 0; j < k * d; j++) {
    out[0] -= diagonal[j] * diagonal[j] / 2;
    q_bar[j] -= diagonal[j] * diagonal[j];
  }
  for (int j = 0; j < k * e; j++) {
    out[0] -= l[j] * l[j] / 2;
    l_bar[j] -= l[j];
  }
}

}
