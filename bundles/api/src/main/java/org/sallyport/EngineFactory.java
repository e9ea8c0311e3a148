package org.sallyport;

/**
 * Makes engines outside of OSGi; {@link Engine#create(Config)} finds it with {@link java.util.ServiceLoader}. Those who
 * provide a runtime core implement it; embedders use {@link Engine}.
 */
public interface EngineFactory {
    /**
     * @throws NoBackEndException if no back end can run here
     * @throws IllegalStateException if another part is missing
     */
    Engine create(Config config);
}
