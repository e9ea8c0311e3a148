package org.sallyport.engine.service;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.codegen.bytecode.BytecodeBackEnd;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.validator.ModuleValidator;

/** Engines whose back end is {@link BytecodeBackEnd}, put together by hand. */
public final class PortableEngines {
    private static final int SMALL = 150;

    private PortableEngines() {}

    public static Engine create(Config config) {
        return create(config, new BytecodeBackEnd());
    }

    /** All but the smallest functions are cut into several methods. */
    public static Engine createCutting(Config config) {
        return create(config, new BytecodeBackEnd(SMALL));
    }

    private static Engine create(Config config, BytecodeBackEnd backEnd) {
        return Engines.make(config, new BinaryLoader(), new ModuleValidator(), backEnd, null);
    }
}
