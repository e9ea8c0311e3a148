package org.sallyport.engine.service;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.sallyport.CacheConfig;

/**
 * Describes the configuration {@value EngineSettingsReader#PID} to tools, with its keys and defaults;
 * {@link EngineSettingsReader} reads it.
 */
@ObjectClassDefinition(name = "Sallyport engine")
@interface EngineSettings {
    @AttributeDefinition(description = "Proposals beyond WebAssembly 3.0 that modules may use, such as THREADS")
    String[] features() default {};

    @AttributeDefinition(description = "Features that modules may not use: of WebAssembly 3.0, or LEGACY_EXCEPTIONS")
    String[] withoutFeatures() default {};

    @AttributeDefinition(description = "Check every memory access in code instead of relying on guard pages")
    boolean explicitBoundsChecks() default false;

    @AttributeDefinition(description = "Run the optimizing passes")
    boolean optimize() default true;

    @AttributeDefinition(description = "Count what guests execute, so that it can be limited (fuel)")
    boolean fuel() default false;

    @AttributeDefinition(description = "Relaxed vector instructions give the same on all machines")
    boolean deterministicVectors() default false;

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
            description = "What runs the guests",
            options = {
                @Option(label = "machine code where it can run, else the portable back end", value = "AUTOMATIC"),
                @Option(label = "machine code", value = "NATIVE"),
                @Option(label = "the portable back end", value = "PORTABLE")
            })
    String backEnd() default "AUTOMATIC";

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
            description = "Java heap bytes for the exceptions that guests refer to, of a store that is made without limits"
                    + " of its own")
    long storeExceptionBytes() default 16 << 20;

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

    @AttributeDefinition(
            description = "Bytes of all memories that are made to be shared by stores, which count as committed, too; 0: no"
                    + " limit of their own")
    long sharedMemoryBytes() default 0;

    @AttributeDefinition(description = "Keep compiled code between runs")
    boolean cache() default false;

    @AttributeDefinition(
            description = "Where; only the user that runs this may be able to write there. Empty: in the bundle's data")
    String cacheDirectory() default "";

    @AttributeDefinition(description = "Bytes of all compiled code that is kept; the least recently used goes first")
    long cacheMaxBytes() default CacheConfig.DEFAULT_MAX_BYTES;
}
