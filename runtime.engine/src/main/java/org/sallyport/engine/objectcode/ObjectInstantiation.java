package org.sallyport.engine.objectcode;

import org.sallyport.engine.FuncImpl;
import org.sallyport.engine.GlobalImpl;
import org.sallyport.engine.HostEntry;
import org.sallyport.engine.InstanceImpl;
import org.sallyport.engine.Instantiation;
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
    protected InstanceImpl newInstance() {
        return instance;
    }

    @Override
    protected FuncImpl hostFunction(HostEntry entry) {
        return execution.hostFunction(entry);
    }

    @Override
    protected void bindFunction(int index, FuncImpl function) {}

    @Override
    protected void allocateMemories() {
        for (int i = spaces.importedMemories(); i < spaces.memoryCount(); i++) {
            instance.memories[i] = execution.newMemory(spaces.memory(i));
        }
    }

    @Override
    protected void bindTags() {}

    @Override
    protected void prepareReferences() {
        instance.prepareCode();
    }

    @Override
    protected GlobalImpl newGlobal(int index, GlobalType type) {
        return execution.newGlobal(type);
    }

    @Override
    protected void bindGlobal(int index, GlobalImpl global) {}

    @Override
    protected void bindTables() {}

    @Override
    protected long[] functionReferences(int segment, int[] functions) {
        long[] references = new long[functions.length];
        for (int i = 0; i < references.length; i++) {
            step();
            references[i] = instance.functionReference(functions[i]);
        }
        return references;
    }

    @Override
    protected boolean loadImage() {
        return false;
    }

    @Override
    protected void withdraw() {}
}
