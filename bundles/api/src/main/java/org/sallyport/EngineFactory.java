package org.sallyport;

/**
 * Makes engines outside of OSGi; {@link Engine#create(Config)} finds it with {@link java.util.ServiceLoader}. Those who
 * provide a runtime core implement it; embedders use {@link Engine}.
 */
public interface EngineFactory {
    /** @throws IllegalStateException if a part is missing or no back end can run here */
    Engine create(Config config);
}
