import java.io.File;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.vm.TeaVMOptimizationLevel;

/** Compiles a main class to WasmGC, with TeaVM and the class on the class path. Arguments: class, folder, name of the file. */
void main(String[] args) throws Exception {
    TeaVMTool tool = new TeaVMTool();
    tool.setTargetType(TeaVMTargetType.WEBASSEMBLY_GC);
    tool.setMainClass(args[0]);
    tool.setTargetDirectory(new File(args[1]));
    tool.setTargetFileName(args[2]);
    tool.setObfuscated(false);
    tool.setOptimizationLevel(TeaVMOptimizationLevel.ADVANCED);
    tool.generate();
    tool.getProblemProvider().getProblems().forEach(problem -> IO.println(problem.getText() + " " + problem.getLocation()));
    if (!tool.getProblemProvider().getSevereProblems().isEmpty()) {
        System.exit(1);
    }
}
