package org.sallyport.engine;

import org.sallyport.wasm.GlobalType;

/** Makes an instance whose code is Java's: that asks for its parts itself. */
final class ObjectInstantiation extends Instantiation {
    private final ObjectExecution execution;
    private final ObjectInstance instance;

    ObjectInstantiation(ObjectExecution execution, ObjectModule module) {
        super(execution, module);
        this.execution = execution;
        execution.limits().addInstance();
        instance = new ObjectInstance(execution, module);
    }

    @Override
    InstanceImpl newInstance() {
        return instance;
    }

    @Override
    FuncImpl hostFunction(HostEntry entry) {
        return execution.hostFunction(entry);
    }

    @Override
    void bindFunction(int index, FuncImpl function) {}

    @Override
    void allocateMemories() {
        for (int i = spaces.importedMemories(); i < spaces.memoryCount(); i++) {
            instance.memories[i] = execution.newMemory(spaces.memory(i));
        }
    }

    @Override
    void bindTags() {}

    @Override
    void prepareReferences() {
        instance.prepareCode();
    }

    @Override
    GlobalImpl newGlobal(int index, GlobalType type) {
        return execution.newGlobal(type);
    }

    @Override
    void bindGlobal(int index, GlobalImpl global) {}

    @Override
    void bindTables() {}

    @Override
    long[] functionReferences(int segment, int[] functions) {
        long[] references = new long[functions.length];
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = instance.functionReference(functions[i]);
        }
        return references;
    }

    @Override
    boolean loadImage() {
        return false;
    }

    @Override
    void withdraw() {}
}
