# The types of the extension module; a test compares them with the module.
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__version__: str

class CustfolioError(Exception): ...
class InputError(CustfolioError, ValueError): ...
class NotFoundError(CustfolioError, KeyError): ...
class InfeasibleError(CustfolioError, ValueError): ...
class NumericalError(CustfolioError, ArithmeticError): ...
class Cancelled(CustfolioError): ...

class Bucket:
    def __init__(self, level: float, heat: float, customers: int) -> None: ...
    @property
    def level(self) -> float: ...
    @property
    def heat(self) -> float: ...
    @property
    def customers(self) -> int: ...
    @property
    def temperature(self) -> float: ...
    def __add__(self, other: Bucket) -> Bucket: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def temperature_of(level: ArrayLike, heat: ArrayLike) -> Any: ...
def pour(revenue: ArrayLike, contribution: ArrayLike) -> Bucket: ...

class Portfolio:
    def __init__(
        self,
        *,
        first: int,
        last: int,
        id: Iterable[str],
        name: Iterable[str] | None = None,
        revenue: ArrayLike | None,
        contribution: ArrayLike | None,
        goods: ArrayLike | None = None,
        cost_to_serve: ArrayLike | None = None,
        avoidable_cost: ArrayLike | None = None,
        deliveries: ArrayLike | None = None,
        lines: ArrayLike | None = None,
        quantity: ArrayLike | None = None,
        first_day: ArrayLike | None = None,
        last_day: ArrayLike | None = None,
        monthly_revenue: ArrayLike | None = None,
        latitude: ArrayLike | None = None,
        longitude: ArrayLike | None = None,
        driver_names: Iterable[str] = (),
        further: ArrayLike | None = None,
    ) -> None: ...
    def __len__(self) -> int: ...
    def index(self, id: str) -> int: ...
    def bucket(self) -> Bucket: ...
    def temperature(self) -> NDArray[np.float64]: ...
    def avoidable_heat(self) -> NDArray[np.float64]: ...
    @property
    def period(self) -> tuple[int, int]: ...
    @property
    def id(self) -> list[str]: ...
    @property
    def name(self) -> list[str]: ...
    @property
    def revenue(self) -> NDArray[np.float64]: ...
    @property
    def contribution(self) -> NDArray[np.float64]: ...
    @property
    def goods(self) -> NDArray[np.float64] | None: ...
    @property
    def cost_to_serve(self) -> NDArray[np.float64] | None: ...
    @property
    def avoidable_cost(self) -> NDArray[np.float64] | None: ...
    @property
    def deliveries(self) -> NDArray[np.float64] | None: ...
    @property
    def lines(self) -> NDArray[np.float64] | None: ...
    @property
    def quantity(self) -> NDArray[np.float64] | None: ...
    @property
    def first_day(self) -> NDArray[np.int32] | None: ...
    @property
    def last_day(self) -> NDArray[np.int32] | None: ...
    @property
    def monthly_revenue(self) -> NDArray[np.float64] | None: ...
    @property
    def latitude(self) -> NDArray[np.float64] | None: ...
    @property
    def longitude(self) -> NDArray[np.float64] | None: ...
    @property
    def driver_names(self) -> list[str]: ...
    @property
    def further(self) -> NDArray[np.float64] | None: ...

def bridge(
    before: Portfolio, after: Portfolio
) -> tuple[tuple[float, float, float, float, float, float], dict[str, Any]]: ...

# costing

class CostModel:
    def __init__(self) -> None: ...
    def rate(self, driver: str, amount: float, avoidable: float = 1.0) -> None: ...
    def revenue_share(self, share: float, avoidable: float = 1.0) -> None: ...

# selection

class WhaleCurve:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def order(self) -> NDArray[np.int64]: ...
    @property
    def cumulative(self) -> NDArray[np.float64]: ...
    @property
    def total(self) -> float: ...
    @property
    def peak(self) -> float: ...
    @property
    def peak_share(self) -> float: ...
    @property
    def customers_at_peak(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def gini(self) -> float: ...
    def share(self, fraction: float) -> float: ...

class Statement:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def portfolio(self) -> Portfolio: ...
    @property
    def whale(self) -> WhaleCurve: ...
    @property
    def elements(self) -> list[str]: ...
    @property
    def charged(self) -> NDArray[np.float64]: ...
    @property
    def reconciliation(self) -> dict[str, Any]: ...

def whale_curve(contribution: ArrayLike) -> WhaleCurve: ...
def statement(
    customer: NDArray[np.int32],
    day: NDArray[np.int32],
    revenue: NDArray[np.float64],
    *,
    cost: ArrayLike | None = None,
    quantity: ArrayLike | None = None,
    document: ArrayLike | None = None,
    lines: ArrayLike | None = None,
    drivers: dict[str, NDArray[np.float64]] = ...,
    id: Iterable[str],
    name: Iterable[str] | None = None,
    costs: CostModel,
    first: int = 0,
    last: int = -1,
    customer_drivers: dict[str, NDArray[np.float64]] = ...,
    not_attributed: dict[str, float] = ...,
    threads: int = 0,
) -> Statement: ...
def abc(value: ArrayLike, a_share: float = 0.8, b_share: float = 0.95) -> list[str]: ...
def select(
    portfolio: Portfolio,
    *,
    target: float,
    min_months: int,
    interesting: ArrayLike | None = None,
    interesting_threshold: float = 0.5,
) -> dict[str, Any]: ...

# terms

class Terms:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @staticmethod
    def delivery_fee(amount: float) -> Terms: ...
    @staticmethod
    def minimum_order(amount: float, inconvenience: float = 0.05) -> Terms: ...
    @staticmethod
    def price(fraction: float, elasticity: float = 0.0) -> Terms: ...
    @property
    def lever(self) -> str: ...
    @property
    def amount(self) -> float: ...
    @property
    def elasticity(self) -> float: ...
    @property
    def inconvenience(self) -> float: ...
    def with_amount(self, amount: float) -> Terms: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

# remediation

class Offers:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __len__(self) -> int: ...
    @property
    def target(self) -> float: ...
    @property
    def customer(self) -> NDArray[np.int64]: ...
    @property
    def lever(self) -> NDArray[np.int64]: ...
    @property
    def terms(self) -> list[Terms]: ...
    @property
    def required(self) -> NDArray[np.float64]: ...
    @property
    def reaches(self) -> NDArray[np.bool_]: ...
    @property
    def reason(self) -> list[str]: ...
    @property
    def burden(self) -> NDArray[np.float64]: ...
    @property
    def acceptance(self) -> NDArray[np.float64]: ...
    @property
    def revenue_change(self) -> NDArray[np.float64]: ...
    @property
    def heat_change(self) -> NDArray[np.float64]: ...
    @property
    def deliveries_change(self) -> NDArray[np.float64]: ...
    @property
    def temperature_after(self) -> NDArray[np.float64]: ...
    @property
    def expected_heat_change(self) -> NDArray[np.float64]: ...
    @property
    def not_offered(self) -> list[tuple[int, int, str]]: ...
    @property
    def best(self) -> NDArray[np.int64]: ...
    @property
    def cost_per_delivery(self) -> NDArray[np.float64]: ...
    @property
    def heat_per_delivery(self) -> NDArray[np.float64]: ...

def acceptance(base: float, sensitivity: float, burden: float) -> float: ...
def remediate(
    portfolio: Portfolio,
    rows: ArrayLike,
    target: float,
    costs: CostModel,
    terms: Iterable[Terms],
    base: float,
    sensitivity: float,
) -> Offers: ...

# growth

class MonthlyAmounts:
    def __len__(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def months(self) -> int: ...
    @property
    def correlation(self) -> float: ...
    def customer(self, item: int) -> str: ...
    def name(self, item: int) -> str: ...
    def sum(
        self,
        items: Sequence[int],
        first: int,
        shares: Sequence[float],
        payoff: str = "contribution",
        factor: float | None = None,
    ) -> Distribution: ...

def plan_amounts(forecast: GrowthForecast, figure: str = "payoffs") -> MonthlyAmounts: ...

class Distribution:
    def __init__(self, other: Distribution) -> None: ...
    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    @property
    def standard_deviation(self) -> float: ...
    @property
    def errors(self) -> dict[str, float]: ...
    def cdf(self, value: float) -> float: ...
    def probability_at_least(self, value: float) -> float: ...
    def quantile(self, probability: float) -> float: ...
    def tail(self, value: float, upper: bool = True) -> tuple[float, float, float]: ...
    def expected_shortfall(self, probability: float, upper: bool = False) -> float: ...
    def sample(self, count: int, seed: int, threads: int = 0) -> NDArray[np.float64]: ...
    def shifted(self, by: float) -> Distribution: ...
    def scaled(self, factor: float) -> Distribution: ...
    def given(self, at_least: float | None, at_most: float | None) -> Distribution: ...
    def plus(self, other: Distribution) -> Distribution: ...
    @property
    def points(self) -> NDArray[np.float64]: ...
    @property
    def mass(self) -> NDArray[np.float64]: ...
    @property
    def step(self) -> float: ...

def isotonic_regression(values: ArrayLike, weights: ArrayLike) -> NDArray[np.float64]: ...
def reliability(
    said: ArrayLike, happened: ArrayLike, level: float, resamples: int, seed: int, threads: int = 0
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]: ...
def success_rates(successes: ArrayLike, trials: ArrayLike, level: float) -> dict[str, Any]: ...
def share_interval(successes: float, trials: float, level: float) -> tuple[float, float, float]: ...
def recalibrated(point: ArrayLike, level: ArrayLike, said: ArrayLike) -> NDArray[np.float64]: ...
def calibration_by_group(
    said: ArrayLike, happened: ArrayLike, group: Iterable[str], level: float
) -> dict[str, Any]: ...
def success_rates_of_cases(
    group: Iterable[str], end: ArrayLike, level: float
) -> tuple[dict[str, Any], dict[str, Any]]: ...
def win_rate_by_age(
    start: ArrayLike, decided: ArrayLike, end: ArrayLike, period_days: int, seen: int | None, level: float
) -> dict[str, NDArray[Any]]: ...
def slippage(planned: ArrayLike, actual: ArrayLike, group: Iterable[str]) -> dict[str, Any]: ...
def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> dict[str, Any]: ...

no_day: int

class GrowthForecast:
    def __init__(
        self,
        *,
        customer: Iterable[str],
        plan: Iterable[str],
        begin: ArrayLike,
        steps: dict[str, Any],
        start: int,
        months: int,
        events: Sequence[tuple[str, float, int]],
        limit: int,
        paths: int,
        seed: int,
        correlation: float = 0.0,
        factors: Sequence[dict[str, str]] = [],
        factor_correlations: Sequence[tuple[str, float]] = [],
        threads: int = 0,
    ) -> None: ...
    def place(self, plan: int, step: int) -> tuple[int, int]: ...
    def worth(
        self, first: int, last: int, payoff: str = "contribution"
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
    def reach(
        self, graph: int, first: int, last: int, payoff: str, target: float, nodes: Sequence[int], derivative: bool
    ) -> list[float]: ...
    def carried(
        self, first: int, last: int, payoff: str = "contribution"
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]: ...
    def success(self, plan: int, step: int) -> float: ...
    def given(self, known: Sequence[tuple[int, int, bool, int]]) -> GrowthForecast: ...
    def __len__(self) -> int: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def crossed(self) -> bool: ...
    @property
    def expected_revenue(self) -> NDArray[np.float64]: ...
    @property
    def expected_contribution(self) -> NDArray[np.float64]: ...
    @property
    def expected_hours(self) -> NDArray[np.float64]: ...
    def expected(self, payoff: str = "contribution") -> NDArray[np.float64]: ...
    def range(self, first: int, last: int, payoff: str = "contribution") -> tuple[Distribution, float]: ...
    def ranges(
        self, spans: Sequence[tuple[int, int]], payoff: str = "contribution", threads: int = 0
    ) -> list[Distribution]: ...
    def simulate_total(
        self, paths: int, seed: int, payoff: str = "contribution", threads: int = 0
    ) -> NDArray[np.float64]: ...

def sum_distribution(
    probability: ArrayLike, amount: ArrayLike, correlation: ArrayLike | None = None
) -> Distribution: ...
def factor_log_likelihood(
    successes: ArrayLike, trials: ArrayLike, period: ArrayLike, threshold: float, common: float, own: float
) -> float: ...
def estimate_correlation(
    successes: ArrayLike, trials: ArrayLike, period: ArrayLike, grouped: bool, level: float
) -> dict[str, Any]: ...
def white_space(
    *,
    customer: Iterable[str],
    product: Iterable[str],
    revenue: ArrayLike,
    contribution: ArrayLike | None,
    segment: list[str] | None,
    penetration: float,
    top: int | None,
) -> dict[str, Any]: ...
def next_actions(
    growth: GrowthForecast | None,
    *,
    customer: Iterable[str],
    product: Iterable[str],
    heat: ArrayLike,
    probability: float,
    hours: float,
    top: int | None,
) -> dict[str, Any]: ...
def step_sensitivity(
    growth: GrowthForecast, target: float | None, payoff: str, top: int | None
) -> dict[str, NDArray[Any]]: ...
def step_uncertainty(growth: GrowthForecast, top: int, payoff: str) -> dict[str, NDArray[Any]]: ...
def target_need(
    growth: GrowthForecast, target: float, probability: float, payoff: str, top: int
) -> tuple[dict[str, NDArray[Any]], float, float]: ...
def time_to_target(growth: GrowthForecast, amount: float, payoff: str) -> NDArray[np.float64]: ...
def opportunity_plans(
    *,
    customer: Iterable[str],
    name: Iterable[str],
    row: ArrayLike,
    close: Sequence[int | None],
    probability: ArrayLike,
    amount: ArrayLike,
    monthly_amount: ArrayLike,
    exchange_rate: ArrayLike,
    factors: Sequence[dict[str, str]],
    kind: ArrayLike,
    kinds: Sequence[tuple[Any, ...]],
    start: int,
    months: int,
    recurring_months: int,
    default_customer: str,
    hours: float,
    leave_out: bool,
) -> dict[str, Any]: ...
def triangular_sizes(low: float, mode: float, high: float, points: int) -> dict[float, float]: ...
def lognormal_sizes(sigma: float, points: int) -> dict[float, float]: ...
def triangular_months(low: int, mode: int, high: int) -> list[float]: ...
def distribution_from_atoms(value: ArrayLike, probability: ArrayLike, unit: float = 0.01) -> Distribution: ...
def mix_distributions(part: Iterable[Distribution], weight: ArrayLike) -> Distribution: ...

# anchoring

never_reviewed: int

def after(day: int, months: int, days: int, times: int = 1) -> int: ...
def reviews_per_year(months: ArrayLike, days: ArrayLike) -> NDArray[np.float64]: ...
def working_days(first: int, last: int, holidays: ArrayLike) -> NDArray[np.int32]: ...
def assign_managers(
    load: ArrayLike, manager: Iterable[str], reviews_per_day: ArrayLike, given: ArrayLike
) -> NDArray[np.int64]: ...
def plan_reviews(
    customer: ArrayLike,
    manager_of: ArrayLike,
    months: ArrayLike,
    days: ArrayLike,
    last_review: ArrayLike,
    value: ArrayLike,
    *,
    manager: Iterable[str],
    reviews_per_day: ArrayLike,
    working_days: ArrayLike,
    first: int,
    last: int,
    fixed_customer: ArrayLike,
    fixed_manager: ArrayLike,
    fixed_day: ArrayLike,
    fixed_due: ArrayLike,
    fixed_slot: ArrayLike,
    tolerance_days: int,
) -> dict[str, Any]: ...

# acquisition

class Prospects:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __len__(self) -> int: ...
    @property
    def candidate(self) -> NDArray[np.int64]: ...
    @property
    def id(self) -> list[str]: ...
    @property
    def name(self) -> list[str]: ...
    @property
    def warmth(self) -> NDArray[np.float64]: ...
    @property
    def win_probability(self) -> NDArray[np.float64]: ...
    @property
    def level(self) -> NDArray[np.float64]: ...
    @property
    def heat(self) -> NDArray[np.float64]: ...
    @property
    def deliveries(self) -> NDArray[np.float64]: ...
    @property
    def hours(self) -> NDArray[np.float64]: ...
    @property
    def introduced_by(self) -> list[str]: ...
    @property
    def distance_km(self) -> NDArray[np.float64]: ...
    @property
    def rank(self) -> NDArray[np.int32]: ...
    @property
    def ramp_months(self) -> NDArray[np.int32]: ...
    @property
    def rejected(self) -> list[tuple[int, str, str]]: ...

def neighbourhood_warmth(
    latitude: ArrayLike,
    longitude: ArrayLike,
    customer_latitude: ArrayLike,
    customer_longitude: ArrayLike,
    heat: ArrayLike,
    bandwidth_km: float,
    threads: int = 0,
    cutoff: float = 40.0,
) -> NDArray[np.float64]: ...
def acquire(
    id: Iterable[str],
    name: Iterable[str],
    latitude: ArrayLike,
    longitude: ArrayLike,
    portfolio: Portfolio,
    *,
    bandwidth_km: float,
    cutoff: float,
    base_win_probability: float,
    warmth_sensitivity: float,
    new_customer_share: float,
    minimum_temperature: float,
    ramp_months: int,
    hours_per_pursuit: float,
    threads: int,
) -> Prospects: ...

# overflow

def displace(
    level: ArrayLike, heat: ArrayLike, earliest: ArrayLike, slack: ArrayLike, only_cold: bool = True
) -> dict[str, Any]: ...

# lifetime
class Fit:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def estimate(self) -> NDArray[np.float64]: ...
    @property
    def standard_error(self) -> NDArray[np.float64]: ...
    @property
    def covariance(self) -> NDArray[np.float64]: ...
    @property
    def unrestricted(self) -> list[bool]: ...
    @property
    def log_likelihood(self) -> float: ...
    @property
    def log_prior(self) -> float: ...
    @property
    def customers(self) -> float: ...
    @property
    def rows(self) -> int: ...
    @property
    def cells(self) -> int: ...
    @property
    def iterations(self) -> int: ...
    @property
    def evaluations(self) -> int: ...
    @property
    def optima(self) -> int: ...
    @property
    def converged(self) -> bool: ...
    @property
    def message(self) -> str: ...
    @property
    def aic(self) -> float: ...
    @property
    def bic(self) -> float: ...
    def interval(self, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

def chi_square_tail(statistic: float, degrees: float) -> float: ...
def profile_intervals(
    fit: Fit, refit: Callable[[list[tuple[float, float]]], Fit], prior: list[tuple[float, float]], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

class Baseline:
    def __init__(
        self,
        start: int,
        level: ArrayLike,
        heat: ArrayLike,
        variance: ArrayLike | None = None,
        level_deviation: ArrayLike | None = None,
        heat_deviation: ArrayLike | None = None,
        *,
        notes: Iterable[str] = ...,
    ) -> None: ...
    @property
    def start(self) -> int: ...
    @property
    def level(self) -> NDArray[np.float64]: ...
    @property
    def heat(self) -> NDArray[np.float64]: ...
    @property
    def notes(self) -> list[str]: ...

def seasonal_baseline(portfolio: Portfolio, start: int, months: int) -> Baseline: ...
def backtest(
    history: ArrayLike,
    *,
    horizon: int = 12,
    origins: int = 6,
    fewest: int = 1,
    step: int = 1,
    season: int = 12,
    methods: Sequence[str] = ...,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> dict[str, Any]: ...
def reconcile_minimum_trace(
    level: ArrayLike, variance: ArrayLike, segment: ArrayLike, group_level: ArrayLike, group_variance: ArrayLike
) -> NDArray[np.float64]: ...
def holt_winters(
    history: ArrayLike,
    *,
    horizon: int = 12,
    season: int = 12,
    parameters: tuple[float, float, float, float] | None = None,
) -> dict[str, Any]: ...
def shrink_temperature(level: ArrayLike, heat: ArrayLike, segment: ArrayLike, segments: int) -> dict[str, Any]: ...

class PurchaseDays:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def begin(self) -> NDArray[np.uint64]: ...
    @property
    def day(self) -> NDArray[np.int32]: ...
    @property
    def revenue(self) -> NDArray[np.float64]: ...
    @property
    def contribution(self) -> NDArray[np.float64]: ...
    def summary(self, first: int, last: int, end: int, *, threads: int = 0) -> dict[str, Any]: ...

def purchase_days(
    customer: ArrayLike,
    day: ArrayLike,
    revenue: ArrayLike,
    *,
    cost: ArrayLike | None = None,
    customers: int,
    threads: int = 0,
) -> PurchaseDays: ...
def score_counts(
    mass: ArrayLike, count: ArrayLike, *, lower: float = 0.1, upper: float = 0.9, threads: int = 0
) -> dict[str, Any]: ...
def value_band_normal(
    none: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    p10: ArrayLike,
    p90: ArrayLike,
    *,
    amount: ArrayLike,
    variance: ArrayLike,
    within: float,
    threads: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def value_band_gamma(
    none: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    p10: ArrayLike,
    p90: ArrayLike,
    *,
    shape: float,
    q: ArrayLike,
    scale: ArrayLike,
    threads: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def fit_bg_bb(
    frequency: ArrayLike,
    recency: ArrayLike,
    periods: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    prior: list[tuple[float, float]] = ...,
    threads: int = 0,
) -> Fit: ...
def bg_bb_of_new(params: tuple[float, ...], what: str, t: ArrayLike, purchases: float = 0.0) -> NDArray[np.float64]: ...
def bg_bb_of_history(
    params: tuple[float, ...],
    what: str,
    first: ArrayLike,
    second: ArrayLike,
    frequency: ArrayLike,
    recency: ArrayLike,
    periods: ArrayLike,
) -> NDArray[np.float64]: ...
def forecast_bg_bb(
    params: tuple[float, ...],
    frequency: ArrayLike,
    recency: ArrayLike,
    periods: ArrayLike,
    horizon: float,
    rate: float,
    threads: int = 0,
) -> dict[str, NDArray[np.float64]]: ...
def simulate_bg_bb(
    params: tuple[float, ...], periods: ArrayLike, seed: int, threads: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def fit_contracts(
    model: str,
    recency: ArrayLike,
    T: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    prior: list[tuple[float, float]] = ...,
) -> Fit: ...
def of_contracts(
    params: tuple[float, float, float], what: str, values: ArrayLike, rate: float = 0.0
) -> NDArray[np.float64]: ...
def contracts_lifetime(params: tuple[float, float, float], rate: float) -> float: ...
def forecast_contracts(
    params: tuple[float, float, float], recency: ArrayLike, T: ArrayLike, horizon: float, rate: float
) -> dict[str, NDArray[np.float64]]: ...
def fit_gamma_gamma(
    frequency: ArrayLike,
    monetary_value: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    prior: list[tuple[float, float]] = ...,
    threads: int = 0,
) -> tuple[Fit, float, float]: ...
def conditional_mean_spend(
    params: tuple[float, ...], frequency: ArrayLike, monetary_value: ArrayLike
) -> NDArray[np.float64]: ...
def simulate_spend(params: tuple[float, ...], frequency: ArrayLike, seed: int) -> NDArray[np.float64]: ...
def fit_normal_normal(
    mean: ArrayLike,
    count: ArrayLike,
    sum_of_squares: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    prior: list[tuple[float, float]] = ...,
    threads: int = 0,
) -> Fit: ...
def shrink(
    params: tuple[float, ...], mean: ArrayLike, count: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...
def simulate_averages(
    params: tuple[float, ...], count: ArrayLike, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def fit_beta_geometric(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    weights: ArrayLike | None = None,
    drop_out_at_first: bool = False,
    covariates: ArrayLike | None = None,
    covariate_names: list[str] = [],
    prior: list[tuple[float, float]] = [],
    threads: int = 0,
) -> Fit: ...

class BetaGeometricNBD:
    def __init__(self, r: float, alpha: float, a: float, b: float, drop_out_at_first: bool = False) -> None: ...
    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def a(self) -> float: ...
    @property
    def b(self) -> float: ...
    def with_covariates(self, coefficients: ArrayLike, covariates: ArrayLike) -> BetaGeometricNBD: ...
    def log_likelihood(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_alive(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def survival(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def half_life(self) -> float: ...
    def expected_purchases(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_mass(
        self,
        n: ArrayLike,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def discounted_purchases(
        self,
        rate: float,
        horizon: float = ...,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def forecast(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        horizon: float,
        rate: float,
        coefficients: ArrayLike,
        covariates: ArrayLike | None = None,
        threads: int = 0,
    ) -> dict[str, NDArray[np.float64]]: ...
    def simulate(
        self,
        T: ArrayLike,
        seed: int,
        threads: int = 0,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...

def fit_pareto_nbd(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    weights: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    covariate_names: list[str] = ...,
    prior: list[tuple[float, float]] = ...,
    threads: int = 0,
) -> Fit: ...
def fit_nbd(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    weights: ArrayLike | None = None,
    prior: list[tuple[float, float]] = ...,
    threads: int = 0,
) -> Fit: ...

class ParetoNBD:
    def __init__(self, r: float, alpha: float, s: float, beta: float) -> None: ...
    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def s(self) -> float: ...
    @property
    def beta(self) -> float: ...
    def with_covariates(self, coefficients: ArrayLike, covariates: ArrayLike) -> ParetoNBD: ...
    def log_likelihood(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_alive(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def survival(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def half_life(self) -> float: ...
    def expected_purchases(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_mass(
        self,
        n: ArrayLike,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def discounted_purchases(
        self,
        rate: float,
        horizon: float = ...,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def forecast(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        horizon: float,
        rate: float,
        coefficients: ArrayLike,
        covariates: ArrayLike | None = None,
        threads: int = 0,
    ) -> dict[str, NDArray[np.float64]]: ...
    def simulate(
        self,
        T: ArrayLike,
        seed: int,
        threads: int = 0,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...

class NBD:
    def __init__(self, r: float, alpha: float) -> None: ...
    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    def log_likelihood(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_alive(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def survival(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def half_life(self) -> float: ...
    def expected_purchases(
        self,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def probability_mass(
        self,
        n: ArrayLike,
        t: ArrayLike,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def discounted_purchases(
        self,
        rate: float,
        horizon: float = ...,
        frequency: ArrayLike | None = None,
        recency: ArrayLike | None = None,
        T: ArrayLike | None = None,
        threads: int = 0,
    ) -> NDArray[np.float64]: ...
    def forecast(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        horizon: float,
        rate: float,
        coefficients: ArrayLike,
        covariates: ArrayLike | None = None,
        threads: int = 0,
    ) -> dict[str, NDArray[np.float64]]: ...
    def simulate(
        self,
        T: ArrayLike,
        seed: int,
        threads: int = 0,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...

# budget

class Budget:
    def __init__(
        self,
        month: ArrayLike,
        source: Iterable[str],
        level: ArrayLike,
        heat: ArrayLike,
        currency: str = "EUR",
        minor_digits: int = 2,
    ) -> None: ...
    @property
    def lines(self) -> dict[str, Any]: ...
    @property
    def total(self) -> tuple[float, float]: ...
    def month_total(self, month: int) -> tuple[float, float]: ...
    def source_total(self, source: str) -> tuple[float, float]: ...

class FiscalCalendar:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @staticmethod
    def of_months(first_month: int, named_by_end: bool) -> FiscalCalendar: ...
    @staticmethod
    def of_weeks(
        pattern: str, end_month: int, end_weekday: int, nearest: bool, named_by_end: bool, long_period: int
    ) -> FiscalCalendar: ...
    def periods(self, year: int) -> list[tuple[int, int, int, int, int]]: ...
    def period_of(self, day: int) -> tuple[int, int, int, int, int]: ...
    def spread(self, month: ArrayLike, units: ArrayLike) -> dict[str, Any]: ...

def round_nested(
    amount: ArrayLike, first: Sequence[ArrayLike], second: Sequence[ArrayLike], minor_digits: int = 2
) -> NDArray[np.int64]: ...
def explain_variance(
    lines: dict[str, Any], items: dict[str, Any], through: int | None = None, minor_digits: int = 2
) -> dict[str, Any]: ...

# strategy

class Plan:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    @property
    def value(self) -> float: ...
    @property
    def bound(self) -> float: ...
    @property
    def gap(self) -> float: ...
    @property
    def baseline_value(self) -> float: ...
    @property
    def gain(self) -> float: ...
    @property
    def gain_gap(self) -> float: ...
    @property
    def candidates(self) -> int: ...
    @property
    def iterations(self) -> int: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def actions(self) -> dict[str, Any]: ...
    @property
    def trajectory(self) -> dict[str, Any]: ...
    @property
    def overflow(self) -> dict[str, Any]: ...
    @property
    def resources(self) -> dict[str, Any]: ...
    @property
    def shadow_prices(self) -> dict[str, Any]: ...
    @property
    def courses(self) -> dict[str, Any]: ...
    @property
    def level_change(self) -> NDArray[np.float64]: ...
    @property
    def heat_change(self) -> NDArray[np.float64]: ...
    @property
    def budget(self) -> Budget: ...

def plan_buckets(
    plan: Plan, portfolio: Portfolio, baseline: Baseline | None, prospects: Prospects | None
) -> dict[str, tuple[Bucket, int]]: ...
def optimise_plan(
    settings: dict[str, Any],
    portfolio: Portfolio,
    offers: Offers | None = None,
    growth: GrowthForecast | None = None,
    prospects: Prospects | None = None,
    baseline: Baseline | None = None,
    *,
    threads: int = 0,
    nodes: int = 50000,
    progress: Callable[[float], object] | None = None,
) -> Plan: ...
def optimise_arrays(
    value: ArrayLike,
    usage: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    threads: int = 0,
    progress: Callable[[float], object] | None = None,
) -> dict[str, Any]: ...
