"""The gradient of a sigmoid neuron as a service, as one would write it with FastAPI and PyTorch."""
import torch
from fastapi import FastAPI
from pydantic import BaseModel

torch.set_num_threads(1)
app = FastAPI()


class Request(BaseModel):
    inputs: dict[str, float]


@app.get("/")
def ready():
    return {}


@app.post("/gradient")
async def gradient(request: Request):
    leaves = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in request.inputs.items()}
    f = torch.sigmoid(leaves["w0"] * leaves["x0"] + leaves["w1"] * leaves["x1"] + leaves["w2"])
    f.backward()
    return {"output": "f", "value": f.item(), "gradients": {name: leaf.grad.item() for name, leaf in leaves.items()}}
