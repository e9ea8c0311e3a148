package org.sallyport.spi;

import org.sallyport.Config;
import org.sallyport.Engine;

/** Makes engines outside of OSGi; found with {@link java.util.ServiceLoader}. */
public interface EngineFactory {
    /** @throws IllegalStateException if a part is missing or no back end can run here */
    Engine create(Config config);
}
