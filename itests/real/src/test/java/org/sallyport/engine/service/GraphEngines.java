package org.sallyport.engine.service;

import java.util.List;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.codegen.ir.GraphBackEnd;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.BackEnd;
import org.sallyport.validator.ModuleValidator;

/** Engines whose back end is {@link GraphBackEnd}, chosen as any other. */
public final class GraphEngines {
    private static final int RATHER_THAN_NATIVE = BackEnd.NATIVE + 1;

    private GraphEngines() {}

    public static Engine create(Config config) {
        BackEnd chosen = BackEndChoice.of(
                List.of(new NativeCodeGenerator(), new GraphBackEnd(RATHER_THAN_NATIVE)), BackEndKind.AUTOMATIC);
        return Engines.make(config, new BinaryLoader(), new ModuleValidator(), chosen, null);
    }
}
