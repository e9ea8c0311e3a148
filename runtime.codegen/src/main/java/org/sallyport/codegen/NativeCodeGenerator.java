package org.sallyport.codegen;

import org.osgi.service.component.annotations.Component;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.codegen.x64.X64;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CodeGenerator;

/** The native back end for the machine that this runs on, as a service for OSGi and {@link java.util.ServiceLoader}. */
@Component(
        service = {BackEnd.class, CodeGenerator.class},
        property = {"target=" + X64.TARGET, "service.ranking:Integer=100"})
public final class NativeCodeGenerator extends IsaCodeGenerator {
    public NativeCodeGenerator() {
        super(X64.ofThisMachine());
    }
}
