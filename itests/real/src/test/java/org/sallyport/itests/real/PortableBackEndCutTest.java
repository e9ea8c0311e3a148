package org.sallyport.itests.real;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.engine.service.PortableEngines;

/** The same with all but the smallest functions cut into several methods. */
class PortableBackEndCutTest extends PortableBackEndTest {
    @Override
    Engine create(Config config) {
        return PortableEngines.createCutting(config);
    }
}
