package org.sallyport.itests.real;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.engine.service.PortableEngines;

/** The same with all but the smallest functions cut into several methods. */
class PortableBackEndCutTest extends ObjectBackEndContract {
    @Override
    Engine create(Config config) {
        return PortableEngines.createCutting(config);
    }

    @Override
    String target() {
        return "portable";
    }

    @Override
    boolean isBeyond(String script) {
        boolean isProposal = script.contains("/");
        boolean isThere = script.contains("custom-page-sizes") || script.contains("wide-arithmetic");
        return isProposal && !isThere || script.startsWith("simd_") || script.contains("relaxed");
    }
}
