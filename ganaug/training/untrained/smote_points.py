"""Points between real rows, as SMOTE draws them."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from ganaug.training.ensemble import placeholder
from ganaug.training.latent import Noise, index_from_uniform, uniform_from_normal
from ganaug.training.layout import FeatureLayout, Rows
from ganaug.training.untrained.neighbours import N_NEIGHBOURS, nearest_neighbours

# Latent coordinates that choose the point: its row, a neighbour, and the way between them.
N_CHOICES = 3


class SmotePoints(nn.Module):
    """Points on the lines between real rows and their nearest neighbours, as in SMOTE.

    The first three latent coordinates choose row, neighbour and place between
    them, so a latent point always gives the same. In one-hot blocks, points hold the
    probabilities of the two rows' categories; a quantity that one of them lacks is the
    other's.

    Parameters
    ----------
    n_members, n_rows : int
        Number of members, and of rows of the member that has the most.
    layout : FeatureLayout
        Layout of the rows.

    References
    ----------
    Chawla et al., "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    Examples
    --------
    >>> rows = torch.tensor([[0.0, 0.0], [1.0, 2.0]])
    >>> points = SmotePoints.from_rows([rows], FeatureLayout(2))
    >>> points(torch.tensor([[[-9.0, 0.0, 0.0], [-9.0, 0.0, 9.0]]]))
    tensor([[[0.5000, 1.0000],
             [1.0000, 2.0000]]])
    """

    rows: Tensor
    neighbours: Tensor
    n_rows: Tensor
    n_neighbours: Tensor

    def __init__(self, n_members: int, n_rows: int, layout: FeatureLayout):
        super().__init__()
        self._layout = layout
        self.register_buffer("rows", placeholder(n_members, n_rows, layout.width))
        self.register_buffer(
            "neighbours", placeholder(n_members, n_rows, N_NEIGHBOURS, dtype=torch.long)
        )
        self.register_buffer("n_rows", placeholder(n_members, 1, dtype=torch.long))
        self.register_buffer("n_neighbours", placeholder(n_members, 1, dtype=torch.long))

    @classmethod
    def from_rows(
        cls, rows: Sequence[Float[Tensor, "_ features"]], layout: FeatureLayout
    ) -> "SmotePoints":
        """Points among the encoded rows (n_k, features) of each member, one at least."""
        n_rows = [len(rows_of_member) for rows_of_member in rows]
        points = cls(len(rows), max(n_rows), layout)
        points.rows = pad_sequence(list(rows), batch_first=True)
        neighbours = [nearest_neighbours(rows_of_member, max(n_rows)) for rows_of_member in rows]
        points.neighbours = torch.stack(neighbours)
        points.n_rows = torch.tensor(n_rows)[:, None]
        points.n_neighbours = (points.n_rows - 1).clamp(1, N_NEIGHBOURS)
        return points

    def forward(self, noise: Noise) -> Rows:
        """Point of each latent point."""
        choice = uniform_from_normal(noise[..., :N_CHOICES])
        member, row = self.start_rows(noise)
        place = index_from_uniform(choice[..., 1], self.n_neighbours)
        neighbour = self.neighbours[member, row, place]
        points = torch.lerp(self.rows[member, row], self.rows[member, neighbour], choice[..., 2:])
        return self._layout.divide_by_presence(points)

    def start_rows(
        self, noise: Noise
    ) -> tuple[Int[Tensor, "members 1"], Int[Tensor, "members batch"]]:
        """Numbers of the members, and of the row that each latent point starts from."""
        member = torch.arange(len(self.rows), device=noise.device)[:, None]
        return member, index_from_uniform(uniform_from_normal(noise[..., 0]), self.n_rows)

    def steps(self, noise: Noise, weights: Float[Tensor, "members batch neighbours"]) -> Rows:
        """Steps between the row that each latent point starts from and its neighbours.

        Standard normal ``weights`` of the neighbours give quantities steps whose covariance is
        the mean square of the differences to them. A quantity that one of two rows lacks has no
        difference, and categories have none.
        """
        member, row = self.start_rows(noise)
        start = self.rows[member, row]
        steps = torch.zeros_like(start)
        for number in range(N_NEIGHBOURS):
            difference = self._difference(member, row, start, number)
            steps += weights[..., number, None] * difference
        return steps / self.n_neighbours[..., None].sqrt()

    def step_sizes(self, noise: Noise) -> Rows:
        """Standard deviations of the steps from each latent point's row; 1 for categories."""
        member, row = self.start_rows(noise)
        start = self.rows[member, row]
        squares = torch.zeros_like(start)
        for number in range(N_NEIGHBOURS):
            squares += self._difference(member, row, start, number).square()
        sizes = (squares / self.n_neighbours[..., None]).sqrt()
        return torch.where(self._layout.one_hot_mask(noise.device), 1.0, sizes)

    def _difference(self, member: Tensor, row: Tensor, start: Rows, number: int) -> Rows:
        """Differences of rows to one of their neighbours; none where there are fewer."""
        is_one_hot = self._layout.one_hot_mask(start.device)
        neighbour = self.rows[member, self.neighbours[member, row, number]]
        # where a block says "present", both rows have to say so
        difference = torch.where(is_one_hot, start * neighbour, neighbour - start)
        is_there = (number < self.n_neighbours)[..., None]
        return self._layout.mask_absent(difference) * ~is_one_hot * is_there
