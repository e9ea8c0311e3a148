package org.sallyport.engine.service;

import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.codegen.bytecode.BytecodeBackEnd;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.validator.ModuleValidator;

/** Engines whose back end is {@link BytecodeBackEnd}, put together by hand. */
public final class PortableEngines {
    private PortableEngines() {}

    public static Engine create(Config config) {
        return Engines.make(config, new BinaryLoader(), new ModuleValidator(), new BytecodeBackEnd(), null);
    }
}
