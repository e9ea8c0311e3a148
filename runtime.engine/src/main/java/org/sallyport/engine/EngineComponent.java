package org.sallyport.engine;

import java.io.File;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.sallyport.CacheConfig;
import org.sallyport.CodeLimits;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.EngineLimits;
import org.sallyport.StoreLimits;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileLimits;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;

/**
 * Offers an {@link Engine} service whose properties {@value #TARGET} and {@value #BACK_END} say what runs. It is
 * registered by hand because they are known only when the engine is made.
 */
@Designate(ocd = EngineComponent.Settings.class)
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.sallyport.Engine\"")
@Component(service = {}, immediate = true, configurationPid = "org.sallyport.engine")
public final class EngineComponent {
    static final String TARGET = "sallyport.target";
    static final String BACK_END = "sallyport.backend";

    /** Configuration. */
    @ObjectClassDefinition(name = "Sallyport engine")
    @interface Settings {
        @AttributeDefinition(description = "Proposals beyond WebAssembly 3.0 that modules may use, such as THREADS")
        String[] features() default {};

        @AttributeDefinition(description = "Standard features that modules may not use, such as MEMORY64")
        String[] withoutFeatures() default {};

        @AttributeDefinition(description = "Check every memory access in code instead of relying on guard pages")
        boolean explicitBoundsChecks() default false;

        @AttributeDefinition(description = "Run the optimizing passes")
        boolean optimize() default true;

        @AttributeDefinition(description = "Threads that compile one module; 0 for one per processor")
        int compileThreads() default 0;

        @AttributeDefinition(
                description = "When functions are compiled: EAGER, all before a module can be used; LAZY, each when it"
                        + " is first called; BACKGROUND, as LAZY, and all of them meanwhile by threads of low priority",
                options = {
                    @Option(label = "before the module can be used", value = "EAGER"),
                    @Option(label = "when they are first called", value = "LAZY"),
                    @Option(label = "in the background", value = "BACKGROUND")
                })
        String compilation() default "EAGER";

        @AttributeDefinition(
                description = "Milliseconds that compiling a module may take; 0: 60 000, and 10 000 for each megabyte")
        long compileMillis() default 0;

        @AttributeDefinition(
                description = "Heap bytes for compiling one function, and for the code of a module; 0: half of the heap")
        long compileMemoryBytes() default 0;

        @AttributeDefinition(description = "Bytes of machine code that one module may have, with stubs and trampolines")
        long moduleCodeBytes() default 512L << 20;

        @AttributeDefinition(description = "Bytes of machine code that all modules together may have, 2 GiB at most")
        long codeBytes() default 2L << 30;

        @AttributeDefinition(description = "Bytes of all memories of a store that is made without limits of its own")
        long storeMemoryBytes() default 4L << 30;

        @AttributeDefinition(description = "Bytes of guest stack of a store that is made without limits of its own")
        int storeStackBytes() default 1 << 20;

        @AttributeDefinition(description = "Memories of a store that is made without limits of its own")
        int storeMemories() default 1_000;

        @AttributeDefinition(
                description = "Memory mappings of the operating system that this engine may use; 0: three quarters of"
                        + " what all engines may, which is half of vm.max_map_count")
        long mappings() default 0;

        @AttributeDefinition(
                description = "Bytes of memories, tables and guest stacks of all stores; 0: three quarters of what the"
                        + " machine or container has besides the Java heap")
        long committedBytes() default 0;

        @AttributeDefinition(
                description = "Java heap bytes that modules and instances may take; 0: three eighths of the largest heap")
        long heapBytes() default 0;

        @AttributeDefinition(description = "Keep compiled code between runs")
        boolean cache() default false;

        @AttributeDefinition(
                description = "Where; only the user that runs this may be able to write there. Empty: in the bundle's data")
        String cacheDirectory() default "";

        @AttributeDefinition(description = "Bytes of all compiled code that is kept; the least recently used goes first")
        long cacheMaxBytes() default CacheConfig.DEFAULT_MAX_BYTES;
    }

    private final EngineImpl engine;
    private final ServiceRegistration<Engine> registration;

    @Activate
    public EngineComponent(
            BundleContext context,
            Settings settings,
            @Reference Loader loader,
            @Reference Validator validator,
            @Reference CodeGenerator generator,
            @Reference InstanceAllocator allocator) {
        Config config = config(settings).withCache(cache(settings, context));
        engine = new EngineImpl(config, loader, validator, generator, allocator);
        Logger log = System.getLogger(EngineComponent.class.getName());
        log.log(Level.INFO, "Sallyport engine: " + engine.backEnd());
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(TARGET, generator.target());
        properties.put(BACK_END, engine.backEnd());
        registration = context.registerService(Engine.class, engine, properties);
    }

    @Deactivate
    void deactivate() {
        registration.unregister();
        engine.close();
    }

    /** @throws IllegalArgumentException if a name is not known */
    static Config config(Settings settings) {
        Config config = Config.defaults()
                .withExplicitBoundsChecks(settings.explicitBoundsChecks())
                .withCompileThreads(settings.compileThreads())
                .withCompilation(constant(Compilation.class, settings.compilation()))
                .withCompileLimits(new CompileLimits(
                        Duration.ofMillis(settings.compileMillis()), settings.compileMemoryBytes()))
                .withCodeLimits(new CodeLimits(settings.moduleCodeBytes(), settings.codeBytes()))
                .withDefaultLimits(StoreLimits.DEFAULT
                        .withMemoryBytes(settings.storeMemoryBytes())
                        .withStackBytes(settings.storeStackBytes())
                        .withMemories(settings.storeMemories()))
                .withEngineLimits(EngineLimits.DEFAULT
                        .withMappings(settings.mappings())
                        .withCommitted(settings.committedBytes())
                        .withHeap(settings.heapBytes()));
        config = config.withCompile(config.compile().withOptimize(settings.optimize()));
        for (String name : settings.features()) {
            config = config.withFeature(constant(Feature.class, name));
        }
        for (String name : settings.withoutFeatures()) {
            config = config.withoutFeature(constant(Feature.class, name));
        }
        return config;
    }

    private static @Nullable CacheConfig cache(Settings settings, BundleContext context) {
        if (!settings.cache()) {
            return null;
        }
        if (!settings.cacheDirectory().isEmpty()) {
            return new CacheConfig.Directory(Path.of(settings.cacheDirectory()), settings.cacheMaxBytes());
        }
        File data = context.getDataFile("code");
        if (data == null) {
            throw new IllegalArgumentException("this framework gives bundles no data area; set cacheDirectory");
        }
        return new CacheConfig.Directory(data.toPath(), settings.cacheMaxBytes());
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
        try {
            return Enum.valueOf(type, name.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "no " + type.getSimpleName().toLowerCase(Locale.ROOT) + " \"" + name + "\"; there are "
                            + Arrays.toString(type.getEnumConstants()),
                    e);
        }
    }
}
