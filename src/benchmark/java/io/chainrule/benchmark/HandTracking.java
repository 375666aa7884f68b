package io.chainrule.benchmark;

import io.chainrule.core.Program;
import io.chainrule.core.Shapes;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;

/**
 * Row q, the eval ht of GradBench, which is HAND of ADBench in its variant "simple": how far measured points are from the vertices of a
 * hand that they belong to, with the Jacobian by the parameters of its pose. Bones turn by Euler angles relative to their parents, and
 * vertices follow the bones by weights (linear blend skinning).
 */
final class HandTracking {
    private static final String PROGRAM = """
            angles = take(concatenate((theta, none)), at)
            turns = fixed + cos(angles)[:, :, None, None] * even + sin(angles)[:, :, None, None] * odd
            relative = base @ (turns[:, 1] @ turns[:, 2] @ turns[:, 0])
            fingers = reshape(relative[1:21], shape=[5, 4, 4, 4])
            first = relative[0] @ fingers[:, 0]
            second = first @ fingers[:, 1]
            third = second @ fingers[:, 2]
            fourth = third @ fingers[:, 3]
            joined = reshape(stack((first, second, third, fourth), axis=1), shape=[20, 4, 4])
            absolute = concatenate((relative[:1], joined, relative[:1] @ relative[21:]), 0)
            bones = swapaxes(absolute @ inverse, 0, 1)[:3]
            skin = reshape(weights[:, None] * vertices, shape=[88, 10000])
            posed = reshape(bones, shape=[3, 88]) @ skin
            n = norm(theta[:3])
            u = theta[:3] / n
            across = [[0, -u[2], u[1]], [u[2], 0, -u[0]], [-u[1], u[0], 0]]
            R = cos(n) * I + sin(n) * across + (1 - cos(n)) * outer(u, u)
            hand = R @ posed + theta[3:6, None]
            e = points - take(hand, found, axis=1)
            """;
    /**
     * Forward mode for all parameters as one batch: the work of {@code torch.func.jacfwd}, written out. A name that ends in {@code _} is
     * the tangent of the one without. Vertices are rows here, which suits PyTorch better.
     */
    private static final String SCRIPT = """
            found = torch.to(found, 4)
            at = torch.to(at, 4)
            seeds = torch.eye(26, dtype=7)
            angles = torch.reshape(torch.cat([theta, none])[at], [22, 3, 1, 1])
            angles_ = torch.reshape(torch.cat([seeds, torch.zeros([26, 1], dtype=7)], 1)[:, at], [26, 22, 3, 1, 1])
            c = torch.cos(angles)
            s = torch.sin(angles)
            turns = fixed + c * even + s * odd
            turns_ = angles_ * (c * odd - s * even)
            zy = torch.matmul(turns[:, 1], turns[:, 2])
            zy_ = torch.matmul(turns_[:, :, 1], turns[:, 2]) + torch.matmul(turns[:, 1], turns_[:, :, 2])
            relative = torch.matmul(base, torch.matmul(zy, turns[:, 0]))
            relative_ = torch.matmul(base, torch.matmul(zy_, turns[:, 0]) + torch.matmul(zy, turns_[:, :, 0]))
            fingers = torch.reshape(relative[1:21], [5, 4, 4, 4])
            fingers_ = torch.reshape(relative_[:, 1:21], [26, 5, 4, 4, 4])
            first = torch.matmul(relative[:1], fingers[:, 0])
            first_ = torch.matmul(relative_[:, :1], fingers[:, 0]) + torch.matmul(relative[:1], fingers_[:, :, 0])
            second = torch.matmul(first, fingers[:, 1])
            second_ = torch.matmul(first_, fingers[:, 1]) + torch.matmul(first, fingers_[:, :, 1])
            third = torch.matmul(second, fingers[:, 2])
            third_ = torch.matmul(second_, fingers[:, 2]) + torch.matmul(second, fingers_[:, :, 2])
            fourth = torch.matmul(third, fingers[:, 3])
            fourth_ = torch.matmul(third_, fingers[:, 3]) + torch.matmul(third, fingers_[:, :, 3])
            joined = torch.reshape(torch.stack([first, second, third, fourth], 1), [20, 4, 4])
            joined_ = torch.reshape(torch.stack([first_, second_, third_, fourth_], 2), [26, 20, 4, 4])
            arm = torch.matmul(relative[:1], relative[21:])
            arm_ = torch.matmul(relative_[:, :1], relative[21:]) + torch.matmul(relative[:1], relative_[:, 21:])
            bones = torch.matmul(torch.cat([relative[:1], joined, arm], 0), inverse)
            bones_ = torch.matmul(torch.cat([relative_[:, :1], joined_, arm_], 1), inverse)
            skin = torch.reshape(torch.unsqueeze(weights, 1) * vertices, [88, 10000])
            posed = torch.matmul(torch.t(skin), torch.reshape(torch.transpose(bones[:, :3], 1, 2), [88, 3]))
            bones_ = torch.reshape(torch.permute(bones_[:, :, :3], [1, 3, 0, 2]), [88, 78])
            posed_ = torch.reshape(torch.matmul(torch.t(skin), bones_), [260000, 3])
            v = theta[:3]
            v_ = seeds[:, :3]
            n = torch.sqrt((v * v).sum())
            n_ = (v_ * v).sum([1], True) / n
            u = v / n
            u_ = (v_ - u * n_) / n
            across = torch.linalg_cross(torch.unsqueeze(u, 0), I)
            across_ = torch.linalg_cross(torch.unsqueeze(u_, 1), torch.unsqueeze(I, 0))
            outer = torch.outer(u, u)
            outer_ = torch.unsqueeze(u_, 2) * u + torch.unsqueeze(u, 1) * torch.unsqueeze(u_, 1)
            cn = torch.cos(n)
            sn = torch.sin(n)
            Rt = cn * I + sn * across + (1. - cn) * outer
            n_ = torch.unsqueeze(n_, 2)
            Rt_ = n_ * (cn * across + sn * (outer - I)) + sn * across_ + (1. - cn) * outer_
            moved = torch.reshape(torch.matmul(posed_, Rt), [10000, 78])
            moved = moved + torch.matmul(posed, torch.reshape(torch.transpose(Rt_, 0, 1), [3, 78])) + torch.reshape(seeds[:, 3:6], [78])
            found = torch.reshape(torch.index_select(moved, 0, found), [12800, 26, 3])
            f = torch.permute(torch.neg(found), [2, 0, 1])
            """;

    private HandTracking() {}

    static Comparison comparison() {
        return Comparison.of("q", "ht: Jacobian of 12,800 points by the 26 parameters of a hand of 10,000 vertices", () -> {
            Map<String, Tensor> inputs = HandModel.inputs();
            return Chainrule.of(Program.parse(PROGRAM).jacobian("theta").compile(Shapes.ofValues(inputs)), inputs, "e", "theta");
        }).peer("PyTorch, all columns as one batch", 1, () -> Torch.derivative(SCRIPT, HandModel.inputs())).build();
    }
}
