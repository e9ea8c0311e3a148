package org.sallyport.codegen;

import org.osgi.service.component.annotations.Component;
import org.sallyport.codegen.aarch64.AArch64;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.codegen.x64.X64;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CodeGenerator;

/**
 * The native back end for the machine that this runs on, as a service for OSGi and {@link java.util.ServiceLoader}; on
 * machines that there is none for that of x86-64, which is not usable there.
 */
@Component(
        service = {BackEnd.class, CodeGenerator.class},
        property = {"target=native", "service.ranking:Integer=100"})
public final class NativeCodeGenerator extends IsaCodeGenerator {
    public NativeCodeGenerator() {
        super(ofThisMachine());
    }

    private static Isa ofThisMachine() {
        return System.getProperty("os.arch").equals("aarch64") ? AArch64.ofThisMachine() : X64.ofThisMachine();
    }
}
