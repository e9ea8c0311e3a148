package org.sallyport.codegen.bytecode;

import org.jspecify.annotations.Nullable;

/**
 * Defines the classes of a module when they are first needed. They see this package's public classes, the engine's contracts and
 * the JDK, but nothing of the embedder's.
 */
final class GuestLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private final ModuleCode module;

    /** @param name unique among the loaders of the back end: stack traces are told apart by it */
    GuestLoader(String name, ModuleCode module) {
        super(name, GuestLoader.class.getClassLoader());
        this.module = module;
        Module own = GuestLoader.class.getModule();
        own.addExports(GuestLoader.class.getPackageName(), getUnnamedModule()); // on the module path nobody else may see it
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte @Nullable [] file = module.classFile(name);
        if (file == null) {
            throw new ClassNotFoundException(name);
        }
        return defineClass(name, file, 0, file.length);
    }
}
