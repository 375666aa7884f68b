package io.chainrule.benchmark;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.chainrule.core.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * PyTorch in this process. Work is a function in TorchScript that holds forward pass and {@code torch.autograd.grad}, so that a run costs
 * one call of libtorch: no Python, and no call from Java for each op.
 */
final class Torch implements Contender {
    private static final String HEADER = """
            class Peer(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Peer, %s) -> List[Optional[Tensor]]:
            """;
    /** An object of class {@code __torch__.Peer} whose attribute {@code training} is true, as Python pickles it. */
    private static final String PICKLED_PEER = "\u0080\u0002c__torch__\nPeer\n)\u0081}X\b\0\0\0training\u0088sb.";
    private static final String PICKLED_NOTHING = "\u0080\u0002).";

    private final PtSymbolBlock module;
    private final NDList inputs;
    private NDList outputs = new NDList();

    private Torch(String script, Map<String, Tensor> inputs) {
        PtNDManager manager = manager();
        this.inputs = new NDList(inputs.values().stream().map(value -> array(manager, value)).toList());
        JniUtils.setGradMode(true);
        try {
            module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive(script)), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static PtNDManager manager() {
        return (PtNDManager) Engine.getEngine("PyTorch").newBaseManager();
    }

    private static NDArray array(PtNDManager manager, Tensor value) {
        return manager.create(value.data(), new Shape(Arrays.stream(value.shape().dims()).asLongStream().toArray()));
    }

    static String version() {
        return Engine.getEngine("PyTorch").getVersion();
    }

    /** The value of {@code f}, which the statements of {@code body} compute, and the gradient of its sum by these names. */
    static Contender gradient(String body, Map<String, Tensor> inputs, String... wrt) {
        String leaves = Arrays.stream(wrt).map(name -> name + " = " + name + ".detach().requires_grad_()\n").collect(Collectors.joining());
        String names = String.join(", ", wrt);
        String gradients = Arrays.stream(wrt).map(name -> ", g[" + Arrays.asList(wrt).indexOf(name) + "]").collect(Collectors.joining());
        return new Torch(script(leaves + body.strip() + "\nones = annotate(List[Optional[Tensor]], [torch.ones_like(f)])\n"
                + "g = torch.autograd.grad([f], [" + names + "], ones)\n" + "return annotate(List[Optional[Tensor]], [f" + gradients + "])",
                inputs), inputs);
    }

    /** What the statements of {@code body} return as {@code f}, where they take derivatives themselves. */
    static Contender derivative(String body, Map<String, Tensor> inputs) {
        return derivative("", body, inputs);
    }

    /** The same, where {@code body} calls {@code methods} of the module, each of which has a {@code self: __torch__.Peer}. */
    static Contender derivative(String methods, String body, Map<String, Tensor> inputs) {
        return new Torch(script(body.strip() + "\nreturn annotate(List[Optional[Tensor]], [f])", inputs) + methods.indent(2), inputs);
    }

    private static String script(String body, Map<String, Tensor> inputs) {
        String parameters = inputs.keySet().stream().map(name -> name + ": Tensor").collect(Collectors.joining(", "));
        return HEADER.formatted(parameters) + body.indent(4);
    }

    /** A module as {@code torch.jit.save} would write it. */
    private static byte[] archive(String script) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "data.pkl", PICKLED_PEER.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "code/__torch__.py", script.getBytes(StandardCharsets.UTF_8));
            put(zip, "constants.pkl", PICKLED_NOTHING.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(content);
        ZipEntry entry = new ZipEntry("peer/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    @Override
    public Object run() {
        outputs.close();
        outputs = IValueUtils.forward(module, inputs, true);
        return outputs;
    }

    @Override
    public double[] results() {
        return outputs.stream().flatMapToDouble(array -> Arrays.stream(array.toDoubleArray())).toArray();
    }
}
