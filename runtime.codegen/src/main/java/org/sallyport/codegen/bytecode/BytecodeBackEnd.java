package org.sallyport.codegen.bytecode;

import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Component;
import org.sallyport.CompileOptions;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.codegen.ir.CompiledFeatures;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.BackEnd;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;

/**
 * The back end for every JVM: class files, as a service for OSGi and {@link java.util.ServiceLoader}. It needs no native access.
 * Thread-safe.
 */
@Component(service = BackEnd.class, property = "target=" + BytecodeBackEnd.TARGET)
public final class BytecodeBackEnd implements ObjectBackEnd {
    /** Name of the target. */
    public static final String TARGET = "portable";

    /** HotSpot compiles no method of 8000 bytes or more. */
    private static final int METHOD_BYTES = 7900;

    private final int methodBytes;
    private final AtomicLong modules = new AtomicLong();
    /** By the name of its loader. */
    private final Map<String, WeakReference<ModuleCode>> loaded = new ConcurrentHashMap<>();

    public BytecodeBackEnd() {
        this(METHOD_BYTES);
    }

    /** @param methodBytes larger functions are cut into methods of about so many bytes; for tests */
    public BytecodeBackEnd(int methodBytes) {
        this.methodBytes = methodBytes;
        initialize();
    }

    /**
     * The classes that guests reach: an initializer that ended with the stack or heap that a guest leaves would spoil its class
     * for everybody, for good.
     */
    private static void initialize() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            for (Class<?> type : List.of(
                    Atomics.class, Bytes.class, Context.class, Convert.class, GuestTrap.class, LanesF32.class, LanesF64.class,
                    LanesI16.class, LanesI32.class, LanesI64.class, LanesI8.class, Numbers.class, SharedBytes.class,
                    Swar.class, Words.class)) {
                lookup.ensureInitialized(type);
            }
        } catch (IllegalAccessException e) {
            throw new AssertionError("BUG: classes of this package", e);
        }
    }

    int methodBytes() {
        return methodBytes;
    }

    @Override
    public String target() {
        return TARGET;
    }

    @Override
    public String fingerprint() {
        return "class files 1";
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.copyOf(CompiledFeatures.ALL);
    }

    @Override
    public boolean isUsable() {
        return true;
    }

    @Override
    public boolean referencesAreObjects() {
        return true;
    }

    @Override
    public ObjectCode compile(
            String name, ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        ModuleFacts facts = ModuleFacts.ofObjects(
                module, options.withDeterministicVectors(true), new Meter(budget, () -> false));
        loaded.values().removeIf(code -> code.refersTo(null));
        String loaderName = TARGET + "#" + modules.incrementAndGet();
        ModuleCode code = new ModuleCode(this, name, loaderName, facts);
        code.compile(budget);
        loaded.put(loaderName, new WeakReference<>(code));
        return code;
    }

    @Override
    public List<GuestFrame> backtrace() {
        return backtrace(new Throwable());
    }

    @Override
    public List<GuestFrame> backtrace(Throwable thrown) {
        List<GuestFrame> frames = new ArrayList<>();
        for (StackTraceElement element : thrown.getStackTrace()) {
            String loader = element.getClassLoaderName();
            WeakReference<ModuleCode> known = loader == null ? null : loaded.get(loader);
            ModuleCode code = known == null ? null : known.get();
            if (code != null) {
                code.addFrames(element, frames);
                if (frames.size() >= GuestException.MAX_FRAMES) {
                    return List.copyOf(frames.subList(0, GuestException.MAX_FRAMES));
                }
            }
        }
        return List.copyOf(frames);
    }
}
