package io.chainrule.web.http;

import jakarta.servlet.Filter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;

/** What every request passes through, in this order. */
public enum FilterOrder {
    REQUEST_ID(0),
    TRACE(5),
    LOG(10),
    HEADERS(20),
    CORS(30),
    PROBLEMS(40),
    ACCESS(50),
    QUOTAS(60),
    /** Reads bodies, waits for a permit to compute, and sends answers. */
    TURNS(70);

    private final int order;

    FilterOrder(int place) {
        order = Ordered.HIGHEST_PRECEDENCE + place;
    }

    /** Registers a filter here, for these addresses. */
    public <F extends Filter> FilterRegistrationBean<F> of(F filter, String... addresses) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.addUrlPatterns(addresses);
        return registration;
    }
}
